// What the environment sets for a cluster, a namespace or a class, and where a request comes from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/parameters.hpp"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Origin, is_where_the_platform_says_and_unknown_otherwise) {
  const struct {
    const char *context, *organization, *space, *cluster, *name_space;
  } table[] = {
      {R"({"platform":"kubernetes","clusterid":"c-1","namespace":"n"})", "o", "s", "c-1", "n"},
      {R"({"platform":"kubernetes"})", "o", "s", "unknown", "unknown"},
      {R"({"platform":"kubernetes","clusterid":7,"namespace":["n"]})", "", "", "unknown", "unknown"},
      {R"({"platform":"cloudfoundry","organization_guid":"a-b","space_guid":"c-d"})", "", "", "ab", "cd"},
      {R"({"platform":"cloudfoundry"})", "a-b", "c-d", "ab", "cd"},
      {R"({"platform":"cloudfoundry"})", "", "", "unknown", "unknown"},
      {"null", "o", "s", "unknown", "unknown"},
      {"[]", "", "", "unknown", "unknown"},
  };
  for (const auto& each : table) {
    const Origin origin = origin_of(*core::parse_json(each.context), each.organization, each.space);
    EXPECT_EQ(origin.cluster, each.cluster) << each.context;
    EXPECT_EQ(origin.namespace_, each.name_space) << each.context;
  }
}

TEST(Overrides, of_a_more_specific_place_win_in_the_order_cluster_namespace_class) {
  const std::vector<std::string> from_least_specific{"all_all_all", "all_all_s3", "all_n_all", "all_n_s3",
                                                     "c_all_all",   "c_all_s3",   "c_n_all",   "c_n_s3"};
  std::vector<std::string> environment;
  for (const std::string& place : from_least_specific) {
    environment.insert(environment.begin(), "PARAM_OVERRIDE_me_" + place + "_Size=" + place);
    const Values values = Overrides::from_environment("me", environment).matching({"c", "n"}, "s3");
    EXPECT_THAT(values, ElementsAre(Pair("Size", place)));
  }
}

TEST(Overrides, are_those_of_this_broker_and_place_only) {
  const auto overrides = Overrides::from_environment(
      "me", {"PARAM_OVERRIDE_me_all_all_all_a=1", "PARAM_OVERRIDE_you_all_all_all_b=1",
             "PARAM_OVERRIDE_me_other_all_all_c=1", "PARAM_OVERRIDE_me_all_other_all_d=1",
             "PARAM_OVERRIDE_me_all_all_sqs_e=1", "PATH=/bin", "PARAM_OVERRIDE_me_all_all_all_f",
             "PARAM_OVERRIDE_me_all_all_all_=1", "PARAM_OVERRIDE_me_all_all_all_target_role_name=x=y"});
  EXPECT_THAT(overrides.matching({"c", "n"}, "s3"),
              ElementsAre(Pair("a", "1"), Pair("target_role_name", "x=y")));
  EXPECT_THAT(Overrides().matching({"c", "n"}, "s3"), IsEmpty());
}

TEST(Overrides, for_everyone_are_those_of_all_all_all) {
  const auto overrides = Overrides::from_environment(
      "me", {"PARAM_OVERRIDE_me_all_all_all_region=r", "PARAM_OVERRIDE_me_all_all_s3_b=1",
             "PARAM_OVERRIDE_me_c_all_all_c=1", "PARAM_OVERRIDE_me_all_all_all_=1"});
  EXPECT_THAT(overrides.for_everyone(), ElementsAre("region"));
}

}  // namespace
}  // namespace broker
