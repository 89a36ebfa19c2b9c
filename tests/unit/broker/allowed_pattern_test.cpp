// AllowedPattern, as CloudFormation would check it.
#include "broker/allowed_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::HasSubstr;

bool is_allowed(const std::string& pattern, std::string_view value, bool is_list = false) {
  const TemplateParameter parameter{.name = "P", .allowed_pattern = pattern, .is_list = is_list};
  return check_allowed_pattern(parameter, value).has_value();
}

TEST(AllowedPattern, has_to_match_the_whole_value) {
  EXPECT_TRUE(is_allowed("", "anything"));
  EXPECT_TRUE(is_allowed("[a-z]+", "abc"));
  EXPECT_FALSE(is_allowed("[a-z]+", "abc1"));
  EXPECT_FALSE(is_allowed("^[a-z]+$", "abc\n"));
  EXPECT_FALSE(is_allowed("a|b", "ab"));
  EXPECT_TRUE(is_allowed("^(arn:aws:sns:.*)?$", ""));
}

TEST(AllowedPattern, holds_for_each_element_of_a_list) {
  EXPECT_TRUE(is_allowed("Auto|subnet-[0-9]+", "subnet-1, subnet-2", true));
  EXPECT_FALSE(is_allowed("Auto|subnet-[0-9]+", "subnet-1,*", true));
  EXPECT_FALSE(is_allowed("Auto|subnet-[0-9]+", "subnet-1, subnet-2", false));
}

TEST(AllowedPattern, is_left_to_cloudformation_where_its_syntax_is_not_known_here) {
  for (const char* pattern :
       {"^(?!postgres$)[a-z]+$", R"(\p{Alnum}+)", "[a-z&&[^x]]", "[a-c[0-9]]", "[", "a++"})
    EXPECT_TRUE(is_allowed(pattern, "postgres")) << pattern;
  EXPECT_FALSE(is_allowed(R"([\[a]+)", "b")) << "an escaped bracket is not a class";
}

TEST(AllowedPattern, is_told_by_its_author_or_as_it_is_and_never_with_the_value) {
  const TemplateParameter plain{.name = "P", .allowed_pattern = "[a-z]+"};
  EXPECT_EQ(
      check_allowed_pattern(plain, "SECRET").error().message,
      "The parameter P has a value that the template does not allow: it must match the pattern [a-z]+.");
  const TemplateParameter described{
      .name = "P", .allowed_pattern = "[a-z]+", .constraint_description = "letters."};
  EXPECT_EQ(check_allowed_pattern(described, "1").error().message,
            "The parameter P has a value that the template does not allow: letters.");
}

}  // namespace
}  // namespace broker
