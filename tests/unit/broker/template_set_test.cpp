// Templates of a folder and the built-in ones.
#include "broker/template_set.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/hash.hpp"

namespace broker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string template_of(const std::string& class_name) {
  return "Description: d\nMetadata: {AWS::ServiceBroker::Specification: {Name: " + class_name +
         ", ServicePlans: {p: {Description: d}}}}\nResources: {R: {Type: T}}\n";
}

std::vector<std::string> names_of(const TemplateSet& set) {
  std::vector<std::string> names;
  for (const auto& each : set.templates) names.push_back(each->name);
  return names;
}

class TemplateFolder : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(core::write_file(folder_ + "/" + name, text));
  }
  TemplateSet load(std::string_view filter = "") {
    auto set = load_folder(folder_, filter);
    EXPECT_TRUE(set) << set.error().message;
    return set.value_or(TemplateSet());
  }
  std::string folder_ = testing::TempDir() + "/templates-" + core::random_hex(6);
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
}

TEST_F(TemplateFolder, skips_only_the_broken_template_and_names_it) {
  write("a-main.yaml", template_of("ant"));
  write("b-main.yaml", "Description: [");
  write("c-main.yaml", template_of("cat"));
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant", "cat"));
  EXPECT_THAT(set.problems, ElementsAre(HasSubstr("b-main.yaml")));
}

TEST_F(TemplateFolder, keeps_the_first_of_two_templates_with_one_name) {
  write("a-main.yaml", template_of("ant") + "# the first\n");
  write("b-main.yaml", template_of("ant"));
  const TemplateSet set = load();
  ASSERT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.templates[0]->body, HasSubstr("the first"));
  EXPECT_THAT(set.problems, ElementsAre(AllOf(HasSubstr("b-main.yaml"), HasSubstr("the name ant"))));
}

TEST_F(TemplateFolder, reports_a_file_that_cannot_be_read) {
  write("a-main.yaml", template_of("ant"));
  std::filesystem::create_directory(folder_ + "/b-main.yaml");
  const TemplateSet set = load();
  EXPECT_THAT(names_of(set), ElementsAre("ant"));
  EXPECT_THAT(set.problems, ElementsAre(HasSubstr("b-main.yaml")));
}

TEST_F(TemplateFolder, gives_only_the_classes_that_the_filter_names) {
  for (const char* name : {"ant", "bee", "cat"}) write(std::string(name) + "-main.yaml", template_of(name));
  const struct {
    const char* filter;
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
  for (const auto& each : table) EXPECT_EQ(names_of(load(each.filter)), each.names) << each.filter;
}

TEST_F(TemplateFolder, that_is_missing_is_an_error_with_its_path) {
  const auto set = load_folder(folder_ + "/none", "");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind, core::ErrorKind::not_found);
  EXPECT_THAT(set.error().message, HasSubstr(folder_ + "/none"));
}

TEST(BuiltInTemplates, are_all_sound) {
  const TemplateSet set = load_built_in("");
  EXPECT_THAT(set.problems, IsEmpty());
  EXPECT_THAT(names_of(set), testing::IsSupersetOf({"dynamodb", "s3", "sqs"}));
  EXPECT_THAT(names_of(load_built_in("sqs")), ElementsAre("sqs"));
}

}  // namespace
}  // namespace broker
