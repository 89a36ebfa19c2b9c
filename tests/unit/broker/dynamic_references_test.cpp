// CloudFormation resolves {{resolve:...}} wherever it stands, with the broker's rights.
#include "broker/dynamic_references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DynamicReferences, are_found_in_every_form) {
  for (const char* text :
       {"{{resolve:ssm:/asb/x/secret-access-key}}", "{{resolve:secretsmanager:db:SecretString}}",
        "before {{resolve:ssm-secure:a:1}} after", "{{RESOLVE:ssm:a}}", "{{Resolve:ssm:a}}",
        "{{ resolve : ssm : a }}", "{ {resolve:ssm:a}}", "{{\tresolve\n:ssm:a}}",
        R"({"a":"{{resolve:ssm:a}}"})", "{{resolve,ssm,/a}}"})
    EXPECT_TRUE(may_be_dynamic_reference(text)) << text;
}

TEST(DynamicReferences, are_found_in_the_parts_that_a_template_could_join) {
  for (const char* part : {"{", "{{", "{{r", "x{{resolve", "{{res ", "{resolve:ssm:a}}", "resolve:ssm:a}}",
                           "a,{{,resolve:ssm", "{{,x"})
    EXPECT_TRUE(may_be_dynamic_reference(part)) << part;
}

TEST(DynamicReferences, are_not_what_other_texts_are_taken_for) {
  for (const char* text :
       {"", "a", "{{ .Name }}", "{{name}} is here", R"({"a":{"b":{}},"c":[{"d":1},{"e":2}]})",
        "${AWS::Region}", "arn:aws:s3:::b/{x}", "to resolve: nothing", "a{b}", "}}", "{}", "resolver"})
    EXPECT_FALSE(may_be_dynamic_reference(text)) << text;
}

TEST(DynamicReferences, are_refused_however_deep_by_the_parameters_name_alone) {
  const boost::json::value values[] = {
      {{"Name", "{{resolve:ssm:/asb/hush}}"}},
      {{"Name", {"a", {{"b", "{{resolve:ssm:/asb/hush}}"}}}}},
      {{"Name", {{"{{resolve:ssm:/asb/hush}}", 1}}}},
  };
  for (const auto& each : values) {
    const auto checked = check_no_dynamic_references(each);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, core::ErrorKind::invalid);
    EXPECT_THAT(checked.error().message, HasSubstr("The parameter Name"));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("hush")));
  }
  EXPECT_TRUE(check_no_dynamic_references(nullptr));
  EXPECT_TRUE(check_no_dynamic_references({{"Name", "a"}, {"Number", 7}, {"Flag", true}}));
}

}  // namespace
}  // namespace broker
