// The administrator's rules: which role for which namespace, and where.
#include "broker/role_bindings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::HasSubstr;

constexpr const char* file = R"yaml(
usersMayChooseRole: false
rules:
  - clusters: [prod]
    namespaces: [billing, "team-a-*"]
    accountId: "001122223333"
    roleName: broker/billing
    externalId: chandlery
    regions: [eu-west-1, eu-central-1]
  - clusters: ["prod*"]
    accountId: "444455556666"
    roleName: everyone
)yaml";

TEST(RoleBindings, give_the_first_rule_that_matches) {
  const auto bindings = RoleBindings::parse(file);
  ASSERT_TRUE(bindings) << bindings.error().message;
  EXPECT_FALSE(bindings->users_may_choose_role());
  const struct {
    const char *cluster, *name_space, *role;  // "" for none
  } table[] = {
      {"prod", "billing", "broker/billing"},
      {"prod", "team-a-x", "broker/billing"},
      {"prod", "team-a", "everyone"},
      {"prod", "billing2", "everyone"},
      {"prod2", "billing", "everyone"},
      {"test", "billing", ""},
      {"unknown", "unknown", ""},
  };
  for (const auto& each : table) {
    SCOPED_TRACE(std::string(each.cluster) + "/" + each.name_space);
    const RoleBinding* rule = bindings->find({.cluster = each.cluster, .namespace_ = each.name_space});
    EXPECT_EQ(rule != nullptr ? rule->role_name : "", each.role);
  }
}

TEST(RoleBindings, let_users_choose_where_the_file_does_not_say_otherwise) {
  EXPECT_TRUE(RoleBindings().users_may_choose_role());
  EXPECT_TRUE(RoleBindings::parse("rules: []")->users_may_choose_role());
}

TEST(RoleBindings, say_what_is_wrong_where) {
  const struct {
    const char *text, *said;
  } table[] = {
      {"[]", "the file must be a map"},
      {"rule: []", "the file has an unknown key rule"},
      {"rules: 1", "list of rules"},
      {"usersMayChooseRole: maybe", "usersMayChooseRole"},
      {"rules: [x]", "rule 1 must be a map"},
      {"rules: [{accountId: '123456789012', roleName: a}, {roleName: a}]", "rule 2 needs an accountId"},
      {"rules: [{accountId: 001122223333, roleName: a}]",
       "accountId must be a string; put a number in quotation marks"},
      {"rules: [{accountId: x, roleName: a}]", "rule 1 needs an accountId"},
      {"rules: [{accountId: '1234567890123', roleName: a}]", "12 digits"},
      {"rules: [{accountId: '123456789012'}]", "roleName"},
      {"rules: [{accountId: '123456789012', roleName: /a}]", "roleName"},
      {"rules: [{accountId: '123456789012', roleName: a, namespace: b}]", "unknown key namespace"},
      {"rules: [{accountId: '123456789012', roleName: a, namespaces: b}]", "namespaces must be a list"},
      {"rules: [{accountId: '123456789012', roleName: a, namespaces: []}]", "namespaces must be a list"},
      {"rules: [{accountId: '123456789012', roleName: a, regions: [1]}]",
       "regions must be a list of strings"},
      {"rules: [{accountId: '123456789012', roleName: [a]}]", "roleName must be a string"},
  };
  for (const auto& each : table) {
    const auto bindings = RoleBindings::parse(each.text);
    ASSERT_FALSE(bindings) << each.text;
    EXPECT_THAT(bindings.error().message, HasSubstr(each.said));
  }
}

TEST(Place, takes_the_rules_role_with_its_external_id_where_no_parameter_names_one) {
  const RoleBinding rule{.account_id = "111111111111", .role_name = "r", .external_id = "x"};
  const struct {
    const char* what;
    StackParameters parameters;
    const RoleBinding* rule;
    Placement expected;
  } table[] = {
      {"nothing", {}, nullptr, {}},
      {"a region only", {.region = "eu-west-1"}, nullptr, {.region = "eu-west-1"}},
      {"a rule", {}, &rule, {.role_arn = "arn:aws:iam::111111111111:role/r", .external_id = "x"}},
      {"a rule and a region",
       {.region = "eu-west-1"},
       &rule,
       {.region = "eu-west-1", .role_arn = "arn:aws:iam::111111111111:role/r", .external_id = "x"}},
      {"a role of the parameters, in the broker's account",
       {.target_role_name = "mine"},
       &rule,
       {.role_arn = "arn:aws:iam::000000000000:role/mine"}},
      {"a role of the parameters in another account",
       {.target_role_name = "mine", .target_account_id = "222222222222"},
       nullptr,
       {.role_arn = "arn:aws:iam::222222222222:role/mine"}},
      {"keys, whose account is not the rule's",
       {.region = "eu-west-1", .access_key_id = "AKIA"},
       &rule,
       {.region = "eu-west-1", .access_key_id = "AKIA"}},
      {"a role of the parameters that is taken with keys",
       {.target_role_name = "mine", .target_account_id = "222222222222", .access_key_id = "AKIA"},
       &rule,
       {.role_arn = "arn:aws:iam::222222222222:role/mine", .access_key_id = "AKIA"}},
  };
  for (const auto& each : table) {
    SCOPED_TRACE(each.what);
    const auto placed = place(each.parameters, each.rule, "aws", "000000000000");
    ASSERT_TRUE(placed);
    EXPECT_EQ(*placed, each.expected);
  }
}

TEST(Place, keeps_to_the_rules_regions) {
  const RoleBinding rule{
      .account_id = "111111111111", .role_name = "r", .regions = {"eu-west-1", "eu-central-1"}};
  EXPECT_EQ(place({}, &rule, "aws", "0")->region, "eu-west-1");
  EXPECT_EQ(place({.region = "eu-central-1"}, &rule, "aws", "0")->region, "eu-central-1");
  const auto refused = place({.region = "us-east-1"}, &rule, "aws", "0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, core::ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("us-east-1"));
}

}  // namespace
}  // namespace broker
