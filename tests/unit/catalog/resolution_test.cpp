#include "catalog/policies/resolution.hpp"

#include <gtest/gtest.h>

#include "objects.hpp"

namespace catalog {
namespace {

TEST(Resolution, finds_the_plan_by_name_id_or_object) {
  json::object production = plan("production", "plan-id");
  json::object custom = plan("custom", "other-id");
  std::vector<const json::object*> plans{&custom, &production};
  json::object service_class = s3_class();
  for (const char* reference :
       {R"("clusterServicePlanExternalName":"production")", R"("clusterServicePlanExternalID":"plan-id")",
        R"("clusterServicePlanName":"plan-id")"}) {
    json::object object =
        parse(std::string(R"({"spec":{"clusterServiceClassExternalName":"s3",)") + reference + "}}");
    auto found = choose_plan(InstanceView(object), ClassView(service_class), plans);
    ASSERT_TRUE(found) << reference;
    EXPECT_EQ(*found, &production) << reference;
  }
}

TEST(Resolution, takes_the_only_plan_where_none_is_named_and_lists_them_where_there_are_more) {
  json::object object = parse(R"({"spec":{"clusterServiceClassExternalName":"s3"}})");
  json::object production = plan("production", "plan-id");
  json::object custom = plan("custom", "other-id");
  json::object service_class = s3_class();
  std::vector<const json::object*> one{&production};
  EXPECT_EQ(*choose_plan(InstanceView(object), ClassView(service_class), one), &production);
  std::vector<const json::object*> two{&production, &custom};
  auto none = choose_plan(InstanceView(object), ClassView(service_class), two);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "The instance names no plan of class \"s3\": set spec.clusterServicePlanExternalName to one of "
            "production, custom.");
}

TEST(Resolution, says_what_is_missing_and_what_may_have_been_meant) {
  json::object object = instance(
      R"({"spec":{"clusterServiceClassExternalName":"dynamdb","clusterServicePlanExternalName":"prodution"}})");
  std::vector<std::string> names{"s3", "dynamodb", "sqs"};
  auto no_class = choose_class(InstanceView(object), {}, names);
  ASSERT_FALSE(no_class);
  EXPECT_EQ(no_class.error().reason, "ReferencesNonexistentServiceClass");
  EXPECT_EQ(no_class.error().message,
            "The instance references a ClusterServiceClass that does not exist: "
            "clusterServiceClassExternalName \"dynamdb\". Did "
            "you mean \"dynamodb\"?");
  json::object production = plan("production", "plan-id");
  std::vector<const json::object*> plans{&production};
  json::object service_class = s3_class();
  auto no_plan = choose_plan(InstanceView(object), ClassView(service_class), plans);
  ASSERT_FALSE(no_plan);
  EXPECT_EQ(no_plan.error().reason, "ReferencesNonexistentServicePlan");
  EXPECT_NE(no_plan.error().message.find("Did you mean \"production\"?"), std::string::npos);
}

TEST(Resolution, refuses_a_class_that_two_brokers_offer) {
  json::object object = instance();
  json::object one = s3_class();
  json::object two = s3_class();
  std::vector<const json::object*> classes{&one, &two};
  auto chosen = choose_class(InstanceView(object), classes, {});
  ASSERT_FALSE(chosen);
  EXPECT_NE(chosen.error().message.find("offered by 2 brokers"), std::string::npos);
}

TEST(Resolution, lets_only_those_who_use_a_removed_plan_already_go_on) {
  json::object service_class = s3_class();
  json::object removed =
      patched(plan("production", "plan-id"), R"({"status":{"removedFromBrokerCatalog":true}})");
  json::object fresh = instance();
  auto refused = refuse_removed(InstanceView(fresh), ClassView(service_class), PlanView(removed));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, "ReferencesDeletedServicePlan");
  json::object user = instance(
      R"({"status":{"provisionStatus":"Provisioned","externalProperties":{"clusterServicePlanExternalID":"plan-id"}}})");
  EXPECT_FALSE(refuse_removed(InstanceView(user), ClassView(service_class), PlanView(removed)));
  json::object gone_class = patched(s3_class(), R"({"status":{"removedFromBrokerCatalog":true}})");
  EXPECT_EQ(
      refuse_removed(InstanceView(fresh), ClassView(gone_class), PlanView(plan("production", "plan-id")))
          ->reason,
      "ReferencesDeletedServiceClass");
}

}  // namespace
}  // namespace catalog
