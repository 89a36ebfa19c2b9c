// A Secret's data as the environment of a process.
#include "svcat/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "objects.hpp"

namespace svcat {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

core::json::object secret(const std::vector<std::pair<std::string, std::string>>& data) {
  auto object = an_object("creds", "ns", "{}");
  core::json::object encoded;
  for (const auto& [key, value] : data) encoded[key] = core::base64_encode(value);
  object["data"] = std::move(encoded);
  return object;
}

TEST(Environment, takes_the_names_that_posix_allows) {
  for (const char* name : {"A", "_", "bucket_NAME2"}) EXPECT_TRUE(is_variable_name(name)) << name;
  for (const char* name : {"", "2A", "a-b", "a.b", "a b", "a=b", "\u00f6"})
    EXPECT_FALSE(is_variable_name(name)) << name;
}

TEST(Environment, has_the_secrets_values_as_they_are) {
  const auto variables = variables_of(secret({{"A", "text"}, {"B", "two\nlines"}, {"C", ""}}));
  ASSERT_TRUE(variables);
  EXPECT_THAT(*variables, ElementsAre(Pair("A", "text"), Pair("B", "two\nlines"), Pair("C", "")));
  EXPECT_THAT(*variables_of(an_object("creds", "ns", "{}")), IsEmpty());
}

TEST(Environment, names_every_key_that_is_no_variable_and_never_a_value) {
  const auto variables = variables_of(secret({{"A", "hush"}, {"b.c", "hush"}, {"2d", "hush"}}));
  ASSERT_FALSE(variables);
  EXPECT_EQ(variables.error().kind, core::ErrorKind::invalid);
  EXPECT_THAT(variables.error().message, AllOf(HasSubstr("ns/creds"), HasSubstr("b.c, 2d"),
                                               HasSubstr("secretTransforms"), Not(HasSubstr("hush"))));
}

TEST(Environment, names_the_keys_whose_value_no_variable_can_hold) {
  auto object = secret({{"ZERO", std::string("a\0b", 3)}, {"FINE", "hush"}});
  object["data"].as_object()["BROKEN"] = "no base64!";
  object["data"].as_object()["NUMBER"] = 7;
  const auto variables = variables_of(object);
  ASSERT_FALSE(variables);
  EXPECT_THAT(variables.error().message,
              AllOf(HasSubstr("ZERO"), HasSubstr("BROKEN"), HasSubstr("NUMBER"), Not(HasSubstr("FINE"))));
}

}  // namespace
}  // namespace svcat
