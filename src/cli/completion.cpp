#include "cli/completion.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

namespace cli {

namespace {

struct Flag {
  std::vector<std::string> names;  // with their dashes
  std::string description;         // the first line of it
  bool takes_value = false;
  std::vector<std::string> choices;  // of its value; empty for any
};

// A command as the words that lead to it, without the program's own name: "" or "get brokers".
struct Command {
  std::string place;
  std::vector<std::pair<std::string, std::string>> commands;  // below it, without aliases: name, description
  std::map<std::string, std::string> words;  // each name and alias of those, with the place that it leads to
  std::vector<Flag> flags;
  std::vector<std::string> arguments;  // what its positional takes, where only these are allowed
};

std::string first_sentence(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  return line.substr(0, line.find(". "));
}

// CLI11 shows a choice as "TEXT:{json,text}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  static const std::regex listed(R"(\{([^{}]*)\})");
  std::smatch found;
  const std::string type = option.get_type_name();
  std::vector<std::string> choices;
  if (!std::regex_search(type, found, listed)) return choices;
  std::istringstream each(found[1].str());
  for (std::string choice; std::getline(each, choice, ',');) choices.push_back(choice);
  return choices;
}

Flag flag_of(const CLI::Option& option) {
  Flag flag{.description = first_sentence(option.get_description()),
            .takes_value = option.get_type_size_max() > 0 && option.get_expected_max() > 0,
            .choices = choices_of(option)};
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  return flag;
}

void gather(const CLI::App& app, const std::string& place, std::vector<Flag> inherited,
            std::vector<Command>& commands) {
  Command command{.place = place};
  if (!app.get_fallthrough()) inherited.clear();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      command.arguments = choices_of(*option);
      continue;
    }
    command.flags.push_back(flag_of(*option));
  }
  const std::vector<Flag> own = command.flags;
  for (const Flag& flag : inherited) {
    const bool is_hidden =
        std::ranges::any_of(own, [&](const Flag& each) { return each.names == flag.names; });
    if (!is_hidden) command.flags.push_back(flag);
  }
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* each : below) {
    const std::string place_below = place.empty() ? each->get_name() : place + " " + each->get_name();
    command.commands.emplace_back(each->get_name(), first_sentence(each->get_description()));
    command.words.emplace(each->get_name(), place_below);
    for (const std::string& alias : each->get_aliases()) command.words.emplace(alias, place_below);
  }
  const std::vector<Flag> to_inherit = command.flags;
  commands.push_back(std::move(command));
  for (const CLI::App* each : below)
    gather(*each, place.empty() ? each->get_name() : place + " " + each->get_name(), to_inherit, commands);
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Within single quotes of any of the three shells.
std::string single_quoted(const std::string& text) {
  std::string result = "'";
  for (const char each : text) result += each == '\'' ? std::string("’") : std::string(1, each);
  return result + "'";
}

// A function's name: letters, digits and underscores.
std::string identifier(std::string name) {
  for (char& each : name)
    if (std::isalnum(static_cast<unsigned char>(each)) == 0) each = '_';
  return name;
}

std::vector<std::string> value_flags(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands)
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names)
        if (flag.takes_value && std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

// Lines `'PLACE|FLAG') …` for the flags that take one of a few values.
template <typename Line>
void each_choice(const std::vector<Command>& commands, Line line) {
  for (const Command& command : commands)
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names)
        if (!flag.choices.empty()) line(command.place + "|" + name, joined(flag.choices, " "));
}

// For bash and zsh: where the word before is a flag whose value comes now.
void if_value_is_due(std::ostream& out, const std::vector<Command>& commands, const char* action) {
  const std::string flags = joined(value_flags(commands), "|");
  if (!flags.empty()) out << "    case \"$previous\" in " << flags << ") " << action << " ;; esac\n";
}

// bash and zsh find the place in the same way; `words` is their array, `first` the index of the first word
// after the program.
void walk(std::ostream& out, const std::vector<Command>& commands, const char* words, const char* count,
          int first) {
  out << "  local place='' word previous='' i\n"
      << "  for ((i = " << first << "; i < " << count << "; i++)); do\n"
      << "    word=${" << words << "[i]}\n"
      << "    [ \"$word\" != = ] || continue  # bash takes --flag=value for three words\n";
  if_value_is_due(out, commands, "previous=''; continue");
  out << "    previous=$word\n"
      << "    case \"$place|$word\" in\n";
  for (const Command& command : commands)
    for (const auto& [word, place] : command.words)
      out << "      " << single_quoted(command.place + "|" + word) << ") place=" << single_quoted(place)
          << " ;;\n";
  out << "    esac\n  done\n";
}

std::string bash(const std::string& name, const std::vector<Command>& commands) {
  std::ostringstream out;
  const std::string function = "_" + identifier(name);
  out << "# bash completion for " << name << ": source <(" << name << " completion bash)\n"
      << function << "() {\n"
      << "  local current=${COMP_WORDS[COMP_CWORD]} candidates=''\n"
      << "  COMPREPLY=()\n";
  walk(out, commands, "COMP_WORDS", "COMP_CWORD", 1);
  out << "  [ \"$current\" != = ] || current=''\n"
      << "  case \"$place|$previous\" in\n";
  each_choice(commands, [&](const std::string& key, const std::string& choices) {
    out << "    " << single_quoted(key) << ") candidates=" << single_quoted(choices) << " ;;\n";
  });
  out << "    *)\n";
  if_value_is_due(out, commands, "return");
  out << "      case \"$place\" in\n";
  for (const Command& command : commands) {
    std::string words = joined(command.arguments, " ");
    for (const auto& [word, said] : command.commands) words += " " + word;
    for (const Flag& flag : command.flags) words += " " + joined(flag.names, " ");
    out << "      " << single_quoted(command.place) << ") candidates=" << single_quoted(words) << " ;;\n";
  }
  out << "    esac ;;\n"
      << "  esac\n"
      << "  mapfile -t COMPREPLY < <(compgen -W \"$candidates\" -- \"$current\")\n"
      << "}\n"
      << "complete -o default -F " << function << " " << name << "\n";
  return out.str();
}

// A line of _describe: colons separate the word from what is said of it.
std::string described(const std::string& word, const std::string& said) {
  return single_quoted(word + ":" + std::regex_replace(said, std::regex(":"), "\\:"));
}

std::string zsh(const std::string& name, const std::vector<Command>& commands) {
  std::ostringstream out;
  const std::string function = "_" + identifier(name);
  out << "#compdef " << name << "\n"
      << "# zsh completion for " << name << ": source <(" << name << " completion zsh), or a file _" << name
      << " in $fpath\n"
      << function << "() {\n"
      << "  local -a commands flags values\n"
      << "  setopt local_options no_ksh_arrays\n";
  walk(out, commands, "words", "CURRENT", 2);
  out << "  case \"$place|$previous\" in\n";
  each_choice(commands, [&](const std::string& key, const std::string& choices) {
    out << "    " << single_quoted(key) << ") values=(" << choices
        << "); _describe value values; return ;;\n";
  });
  out << "  esac\n";
  if_value_is_due(out, commands, "_files; return");
  out << "  case \"$place\" in\n";
  for (const Command& command : commands) {
    out << "    " << single_quoted(command.place) << ")\n      commands=(";
    for (const auto& [word, said] : command.commands) out << " " << described(word, said);
    out << " )\n      values=( " << joined(command.arguments, " ") << " )\n      flags=(";
    for (const Flag& flag : command.flags)
      for (const std::string& each : flag.names) out << " " << described(each, flag.description);
    out << " ) ;;\n";
  }
  out << "  esac\n"
      << "  if [[ ${words[CURRENT]} == -* ]]; then _describe -o flag flags\n"
      << "  elif (( $#commands )); then _describe command commands\n"
      << "  elif (( $#values )); then _describe value values\n"
      << "  else _files; fi\n"
      << "}\n"
      << "if [ \"$funcstack[1]\" = " << function << " ]; then " << function << " \"$@\"; else compdef "
      << function << " " << name << "; fi\n";
  return out.str();
}

std::string fish(const std::string& name, const std::vector<Command>& commands) {
  std::ostringstream out;
  const std::string function = "__" + identifier(name) + "_place";
  out << "# fish completion for " << name << ": " << name << " completion fish | source\n"
      << "function " << function << "\n"
      << "  set -l place ''\n"
      << "  set -l previous ''\n"
      << "  for word in (commandline -opc)[2..-1]\n"
      << "    if contains -- \"$previous\" " << joined(value_flags(commands), " ") << "\n"
      << "      set previous ''\n"
      << "      continue\n"
      << "    end\n"
      << "    set previous $word\n"
      << "    switch \"$place|$word\"\n";
  for (const Command& command : commands)
    for (const auto& [word, place] : command.words)
      out << "      case " << single_quoted(command.place + "|" + word) << "\n        set place "
          << single_quoted(place) << "\n";
  out << "    end\n"
      << "  end\n"
      << "  echo $place\n"
      << "end\n";
  for (const Command& command : commands) {
    const std::string line =
        "complete -c " + name + " -n 'test \"$(" + function + ")\" = \"" + command.place + "\"'";
    for (const auto& [word, said] : command.commands)
      out << line << " -f -a " << word << " -d " << single_quoted(said) << "\n";
    if (!command.arguments.empty())
      out << line << " -f -a " << single_quoted(joined(command.arguments, " ")) << "\n";
    for (const Flag& flag : command.flags) {
      out << line;
      for (const std::string& each : flag.names)
        out << (each.starts_with("--") ? " -l " + each.substr(2)
                                       : (each.size() == 2 ? " -s " : " -o ") + each.substr(1));
      if (flag.takes_value) out << " -r";
      if (!flag.choices.empty()) out << " -f -a " << single_quoted(joined(flag.choices, " "));
      out << " -d " << single_quoted(flag.description) << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string completion_script(const CLI::App& program, Shell shell) {
  std::vector<Command> commands;
  gather(program, "", {}, commands);
  switch (shell) {
    case Shell::bash:
      return bash(program.get_name(), commands);
    case Shell::zsh:
      return zsh(program.get_name(), commands);
    case Shell::fish:
      return fish(program.get_name(), commands);
  }
  return {};
}

void add_completion(CLI::App& program) {
  static const std::map<std::string, Shell> shells{
      {"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
  CLI::App* command =
      program.add_subcommand("completion", "Print a completion script for a shell, as in: source <(" +
                                               program.get_name() + " completion bash)");
  CLI::Option* shell = command->add_option("SHELL", "bash, zsh or fish")
                           ->required()
                           ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&program, shell] {
    std::cout << completion_script(program, shells.at(shell->as<std::string>()));
    throw CLI::Success();
  });
}

}  // namespace cli
