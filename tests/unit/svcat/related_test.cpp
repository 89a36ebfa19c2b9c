// What belongs to what, over both scopes.
#include "svcat/related.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "objects.hpp"

namespace svcat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Related, classes_of_a_broker_are_in_its_scope_and_namespace) {
  const Objects classes{an_object("c-1", "", R"({"clusterServiceBrokerName":"aws"})"),
                        an_object("c-2", "", R"({"clusterServiceBrokerName":"other"})"),
                        an_object("c-3", "ns", R"({"serviceBrokerName":"aws"})"),
                        an_object("c-4", "else", R"({"serviceBrokerName":"aws"})")};
  EXPECT_THAT(names_of(classes_of(an_object("aws", "", "{}"), classes)), ElementsAre("c-1"));
  EXPECT_THAT(names_of(classes_of(an_object("aws", "ns", "{}"), classes)), ElementsAre("c-3"));
  EXPECT_THAT(classes_of(an_object("none", "", "{}"), classes), IsEmpty());
}

TEST(Related, plans_of_a_class_are_those_that_refer_to_it) {
  const Objects plans{an_object("p-1", "", R"({"clusterServiceClassRef":{"name":"c"}})"),
                      an_object("p-2", "ns", R"({"serviceClassRef":{"name":"c"}})"),
                      an_object("p-3", "", R"({"serviceClassRef":{"name":"c"}})")};
  EXPECT_THAT(names_of(plans_of(an_object("c", "", "{}"), plans)), ElementsAre("p-1"));
  EXPECT_THAT(names_of(plans_of(an_object("c", "ns", "{}"), plans)), ElementsAre("p-2"));
}

TEST(Related, instances_are_found_by_what_their_references_were_resolved_to) {
  const Objects instances{
      an_object(
          "i-1", "ns",
          R"({"clusterServiceClassExternalName":"s3","clusterServiceClassRef":{"name":"c"},"clusterServicePlanRef":{"name":"p"}})"),
      an_object(
          "i-2", "else",
          R"({"clusterServiceClassName":"c","clusterServiceClassRef":{"name":"c"},"clusterServicePlanRef":{"name":"q"}})"),
      an_object(
          "i-3", "ns",
          R"({"serviceClassExternalName":"s3","serviceClassRef":{"name":"c"},"servicePlanRef":{"name":"p"}})"),
      an_object("i-4", "ns", R"({"clusterServiceClassExternalName":"s3"})"),
  };
  EXPECT_THAT(names_of(instances_of_class(an_object("c", "", "{}"), instances)), ElementsAre("i-1", "i-2"));
  EXPECT_THAT(names_of(instances_of_class(an_object("c", "ns", "{}"), instances)), ElementsAre("i-3"));
  EXPECT_THAT(instances_of_class(an_object("c", "else", "{}"), instances), IsEmpty());
  EXPECT_THAT(names_of(instances_of_plan(an_object("p", "", "{}"), instances)), ElementsAre("i-1"));
  EXPECT_THAT(names_of(instances_of_plan(an_object("p", "ns", "{}"), instances)), ElementsAre("i-3"));
}

TEST(Related, bindings_of_an_instance_are_in_its_namespace) {
  const Objects bindings{an_object("b-1", "ns", R"({"instanceRef":{"name":"i"}})"),
                         an_object("b-2", "else", R"({"instanceRef":{"name":"i"}})"),
                         an_object("b-3", "ns", R"({"instanceRef":{"name":"j"}})"),
                         an_object("b-4", "ns", "{}")};
  EXPECT_THAT(names_of(bindings_of(an_object("i", "ns", "{}"), bindings)), ElementsAre("b-1"));
}

}  // namespace
}  // namespace svcat
