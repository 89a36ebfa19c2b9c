// Templates of a folder: what is read, what is said of the broken, what a refresh gives.
#include "broker/sources/folder_source.hpp"

#include <filesystem>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/random.hpp"
#include "testing/run.hpp"
#include "tests/unit/broker/sources/template_text.hpp"

namespace broker {
namespace {

using test::names_of;
using test::template_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TemplateFolder : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(core::write_file(folder_ + "/" + name, text));
    // Two writes within the file system's grain of time would look alike.
    std::filesystem::last_write_time(folder_ + "/" + name, std::filesystem::file_time_type::clock::now() +
                                                               ++writes_ * std::chrono::seconds(1));
  }
  core::Result<std::optional<TemplateSet>> refresh(TemplateSource& source) {
    return fakes::run(io_, source.refresh());
  }
  TemplateSet load(const TemplateFilter& filter = {}) {
    FolderSource source(pool_, folder_, filter);
    auto set = refresh(source);
    EXPECT_TRUE(set) << set.error().message;
    return set.value_or(std::nullopt).value_or(TemplateSet());
  }

  boost::asio::io_context io_{1};
  async::BlockingPool pool_{1};
  std::string folder_ = testing::TempDir() + "/templates-" + core::random_hex(6);
  int writes_ = 0;
};

TEST_F(TemplateFolder, gives_the_classes_of_its_main_files_by_name) {
  write("1-main.yaml", template_of("zebra"));
  write("2-main.yaml", template_of("ant"));
  write("notes.yaml", "no template");
  write("main.yaml", "no template");
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant", "zebra"));
  EXPECT_THAT(set.problems, IsEmpty());
  EXPECT_EQ(set.find("zebra")->name, "zebra");
  EXPECT_EQ(set.find("Zebra"), nullptr);
  EXPECT_THAT(names_of(load({.suffix = "notes.yaml", .classes = {}})), IsEmpty());
  EXPECT_THAT(names_of(load({.suffix = "2-main.yaml", .classes = {}})), ElementsAre("ant"));
}

TEST_F(TemplateFolder, skips_only_the_broken_template_and_names_it) {
  write("a-main.yaml", template_of("ant"));
  write("b-main.yaml", "Description: [");
  write("c-main.yaml", template_of("cat"));
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant", "cat"));
  EXPECT_THAT(set.problems, ElementsAre(HasSubstr("b-main.yaml")));
}

TEST_F(TemplateFolder, refuses_a_template_that_only_a_bucket_could_send) {
  write("a-main.yaml", template_of("ant"));
  write("b-main.yaml", template_of("bee", std::string(max_request_bytes, 'd')));
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.problems, ElementsAre(AllOf(HasSubstr("b-main.yaml"), HasSubstr("--s3Bucket"))));
}

TEST_F(TemplateFolder, keeps_the_first_of_two_templates_with_one_name) {
  write("a-main.yaml", template_of("ant") + "# the first\n");
  write("b-main.yaml", template_of("ant"));
  const TemplateSet set = load();
  ASSERT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.templates[0]->body, HasSubstr("the first"));
  EXPECT_THAT(set.problems, ElementsAre(AllOf(HasSubstr("b-main.yaml"), HasSubstr("the name ant"))));
}

TEST_F(TemplateFolder, reports_a_file_that_cannot_be_read_or_is_too_large) {
  write("a-main.yaml", template_of("ant"));
  std::filesystem::create_directory(folder_ + "/b-main.yaml");
  write("c-main.yaml", std::string(max_template_bytes + 1, '#'));
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.problems,
              ElementsAre(HasSubstr("b-main.yaml"), AllOf(HasSubstr("c-main.yaml"), HasSubstr("bytes"))));
}

TEST_F(TemplateFolder, gives_only_the_classes_that_are_named) {
  for (const char* name : {"ant", "bee", "cat"}) write(std::string(name) + "-main.yaml", template_of(name));
  const struct {
    const char* classes;
    std::vector<std::string> names;
  } table[] = {
      {"", {"ant", "bee", "cat"}},
      {"*", {"ant", "bee", "cat"}},
      {"bee", {"bee"}},
      {"cat,ant", {"ant", "cat"}},
      {" cat , ant ,", {"ant", "cat"}},
      {"dog", {}},
      {"ants", {}},
  };
  for (const auto& each : table) {
    TemplateFilter filter;
    filter.classes = each.classes;
    EXPECT_EQ(names_of(load(filter)), each.names) << each.classes;
  }
}

TEST_F(TemplateFolder, that_is_missing_is_an_error_with_its_path) {
  FolderSource source(pool_, folder_ + "/none", {});
  const auto set = refresh(source);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, core::ErrorKind::not_found);
  EXPECT_THAT(set.error().message, HasSubstr(folder_ + "/none"));
}

TEST_F(TemplateFolder, gives_nothing_new_until_a_file_comes_changes_or_goes) {
  write("a-main.yaml", template_of("ant"));
  FolderSource source(pool_, folder_, {});
  const auto first = refresh(source);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(*refresh(source), std::nullopt);
  write("notes.yaml", "no template");
  EXPECT_EQ(*refresh(source), std::nullopt);

  write("b-main.yaml", template_of("bee"));
  const auto second = refresh(source);
  ASSERT_TRUE(second && *second);
  EXPECT_THAT(names_of(**second), ElementsAre("ant", "bee"));
  EXPECT_EQ((*second)->templates[0], (*first)->templates[0]) << "what did not change is not read again";

  write("a-main.yaml", template_of("ant", "another"));
  const auto third = refresh(source);
  ASSERT_TRUE(third && *third);
  EXPECT_EQ((*third)->templates[0]->description, "another");

  std::filesystem::remove(folder_ + "/b-main.yaml");
  const auto fourth = refresh(source);
  ASSERT_TRUE(fourth && *fourth);
  EXPECT_THAT(names_of(**fourth), ElementsAre("ant"));
}

TEST_F(TemplateFolder, goes_on_offering_the_last_good_version_of_a_template_that_was_broken) {
  write("a-main.yaml", template_of("ant", "good"));
  FolderSource source(pool_, folder_, {});
  ASSERT_TRUE(refresh(source));
  write("a-main.yaml", "Description: [");
  const auto broken = refresh(source);
  ASSERT_TRUE(broken && *broken);
  ASSERT_THAT(names_of(**broken), ElementsAre("ant"));
  EXPECT_EQ((*broken)->templates[0]->description, "good");
  EXPECT_THAT((*broken)->problems,
              ElementsAre(AllOf(HasSubstr("a-main.yaml"), HasSubstr("last good version"))));
  EXPECT_EQ(*refresh(source), std::nullopt) << "told once";
  write("a-main.yaml", template_of("ant", "mended"));
  const auto mended = refresh(source);
  ASSERT_TRUE(mended && *mended);
  EXPECT_EQ((*mended)->templates[0]->description, "mended");
  EXPECT_THAT((*mended)->problems, IsEmpty());
}

}  // namespace
}  // namespace broker
