// The roles that the doctor tries, and where what is not recorded is looked for.
#include "broker/target_roles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

BrokerOptions options_of(const char* role_bindings, const std::vector<std::string>& environment) {
  BrokerOptions options{.broker_id = "me", .account_id = "000000000000"};
  options.role_bindings = *RoleBindings::parse(role_bindings);
  options.overrides = Overrides::from_environment("me", environment);
  return options;
}

TEST(TargetRoles, are_those_of_the_rules_each_once) {
  const auto roles = target_roles(options_of(R"yaml(
rules:
  - {clusters: [a], accountId: "111111111111", roleName: one, externalId: x, regions: [eu-west-1, eu-west-2]}
  - {clusters: [b], accountId: "111111111111", roleName: one, externalId: x}
  - {accountId: "111111111111", roleName: one}
  - {accountId: "222222222222", roleName: path/two}
)yaml",
                                             {}));
  EXPECT_THAT(roles, ElementsAre(Placement{.region = "eu-west-1",
                                           .role_arn = "arn:aws:iam::111111111111:role/one",
                                           .external_id = "x"},
                                 Placement{.role_arn = "arn:aws:iam::111111111111:role/one"},
                                 Placement{.role_arn = "arn:aws:iam::222222222222:role/path/two"}));
}

TEST(TargetRoles, are_those_of_the_overrides_with_the_account_and_region_that_hold_there) {
  const auto roles =
      target_roles(options_of("{}", {"PARAM_OVERRIDE_me_all_all_all_target_account_id=111111111111",
                                     "PARAM_OVERRIDE_me_all_all_all_target_role_name=common",
                                     "PARAM_OVERRIDE_me_c_n_all_target_role_name=own",
                                     "PARAM_OVERRIDE_me_c_all_all_target_account_id=222222222222",
                                     "PARAM_OVERRIDE_me_c_n_all_region=eu-west-1",
                                     "PARAM_OVERRIDE_you_all_all_all_target_role_name=theirs"}));
  EXPECT_THAT(roles, testing::UnorderedElementsAre(
                         Placement{.role_arn = "arn:aws:iam::111111111111:role/common"},
                         Placement{.region = "eu-west-1", .role_arn = "arn:aws:iam::222222222222:role/own"}));
}

TEST(TargetRoles, are_each_once_for_the_broker_itself_and_for_each_keys_that_they_are_taken_with) {
  const auto roles = target_roles(options_of(
      "{}",
      {"PARAM_OVERRIDE_me_all_all_all_target_role_name=r", "PARAM_OVERRIDE_me_all_a_all_aws_access_key=ONE",
       "PARAM_OVERRIDE_me_all_b_all_aws_access_key=TWO", "PARAM_OVERRIDE_me_c_b_all_region=eu-west-1"}));
  const std::string arn = "arn:aws:iam::000000000000:role/r";
  EXPECT_THAT(roles, testing::UnorderedElementsAre(
                         Placement{.role_arn = arn}, Placement{.role_arn = arn, .access_key_id = "ONE"},
                         Placement{.region = "eu-west-1", .role_arn = arn, .access_key_id = "TWO"}));
}

TEST(TargetRoles, are_none_where_nobody_configured_any) {
  EXPECT_THAT(target_roles(options_of("{}", {"PARAM_OVERRIDE_me_all_all_all_region=eu-west-1"})), IsEmpty());
}

TEST(PlacesToSearch, are_the_brokers_own_and_all_that_are_configured) {
  EXPECT_THAT(places_to_search({}), ElementsAre(Placement()));
  const std::string one = "arn:aws:iam::111111111111:role/one";
  const auto places = places_to_search(options_of(R"yaml(
rules:
  - {clusters: [a], accountId: "111111111111", roleName: one, externalId: x, regions: [eu-west-1, eu-west-2]}
  - {accountId: "111111111111", roleName: one}
)yaml",
                                                  {"PARAM_OVERRIDE_me_all_n_all_region=ca-central-1"}));
  EXPECT_THAT(places,
              ElementsAre(Placement(), Placement{.region = "eu-west-1", .role_arn = one, .external_id = "x"},
                          Placement{.region = "eu-west-2", .role_arn = one, .external_id = "x"},
                          Placement{.role_arn = one}, Placement{.region = "ca-central-1"}));
}

TEST(PlacesToSearch, are_also_those_of_the_overrides_keys) {
  const auto places = places_to_search(options_of("{}", {"PARAM_OVERRIDE_me_all_n_all_aws_access_key=ONE",
                                                         "PARAM_OVERRIDE_me_all_n_s3_region=eu-west-1"}));
  EXPECT_THAT(places,
              testing::UnorderedElementsAre(Placement(), Placement{.access_key_id = "ONE"},
                                            Placement{.region = "eu-west-1", .access_key_id = "ONE"}));
}

}  // namespace
}  // namespace broker
