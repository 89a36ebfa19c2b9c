#include "cli/completion.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// svcat in small: a flag of the program, aliases, choices, a flag of a command.
struct Program {
  CLI::App app{"Looks at services.", "tool"};
  std::string context, output;
  bool all = false;

  Program() {
    app.fallthrough();
    app.add_option("--context", context, "Context of the kubeconfig. More about it.");
    CLI::App* get = app.add_subcommand("get", "List what there is");
    CLI::App* classes = get->add_subcommand("classes", "List classes: the user's");
    classes->alias("class");
    classes->add_option("-o,--output", output, "How")->check(CLI::IsMember({"table", "json"}));
    classes->add_flag("-A,--all", all, "All of them");
    add_completion(app);
  }
};

TEST(Completion, offers_commands_flags_and_choices_to_bash) {
  const std::string script = completion_script(Program().app, Shell::bash);
  EXPECT_THAT(script, HasSubstr("'|get') place='get' ;;"));
  EXPECT_THAT(script, HasSubstr("'get|class') place='get classes' ;;"));
  EXPECT_THAT(script, HasSubstr("'get classes|--output') candidates='table json' ;;"));
  EXPECT_THAT(script, HasSubstr("'get') candidates=' classes --help"));
  EXPECT_THAT(script, HasSubstr("'completion') candidates='bash zsh fish --help"));
  EXPECT_THAT(script, HasSubstr("in --context|--output|-o) return ;;"));
  EXPECT_THAT(script, HasSubstr("complete -o default -F _tool tool"));
}

TEST(Completion, takes_no_value_after_a_flag_without_one) {
  EXPECT_THAT(completion_script(Program().app, Shell::bash), Not(HasSubstr("--all|")));
}

TEST(Completion, describes_words_to_zsh_and_fish) {
  const Program program;
  EXPECT_THAT(completion_script(program.app, Shell::zsh), HasSubstr("'classes:List classes\\: the user’s'"));
  EXPECT_THAT(completion_script(program.app, Shell::fish),
              HasSubstr("= \"get\"' -f -a classes -d 'List classes: the user’s'"));
  EXPECT_THAT(completion_script(program.app, Shell::fish),
              HasSubstr(" -l context -r -d 'Context of the kubeconfig'"));
}

TEST(Completion, is_a_command_after_which_nothing_else_runs) {
  Program program;
  testing::internal::CaptureStdout();
  EXPECT_THROW(program.app.parse("completion bash"), CLI::Success);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), completion_script(program.app, Shell::bash));
  EXPECT_THROW(program.app.parse("completion tcsh"), CLI::ValidationError);
}

}  // namespace
}  // namespace cli
