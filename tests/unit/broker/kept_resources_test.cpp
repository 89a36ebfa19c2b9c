// What the end of a deletion tells the user: which resources are still in the account, and which snapshots.
#include "broker/operations/kept_resources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/template.hpp"
#include "tests/unit/broker/world.hpp"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* stack_name = "aws-service-broker-s3-i1";
constexpr const char* template_text = R"yaml(
Description: a bucket and a database
Transform: AWS::LanguageExtensions
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    ServicePlans:
      production: { Description: a plan, ParameterValues: { Keep: "yes" } }
Parameters:
  Keep: { Type: String, Default: "no" }
  Secret: { Type: String, NoEcho: true, Default: "" }
Conditions:
  Keeps: !Equals [!Ref Keep, "yes"]
Resources:
  Bucket: { Type: AWS::S3::Bucket, DeletionPolicy: Retain }
  Database: { Type: AWS::RDS::DBInstance, DeletionPolicy: !If [Keeps, Snapshot, Delete] }
  Cluster: { Type: AWS::RDS::DBCluster }
  Member: { Type: AWS::RDS::DBInstance, Properties: { DBClusterIdentifier: !Ref Cluster } }
  Alone: { Type: AWS::RDS::DBInstance }
)yaml";

aws::StackEvent event(std::string logical_id, std::string type, std::string status,
                      std::string physical_id = {}) {
  return {.id = {},
          .logical_id = std::move(logical_id),
          .resource_type = std::move(type),
          .status = std::move(status),
          .reason = {},
          .client_request_token = {},
          .physical_id = std::move(physical_id)};
}
aws::StackEvent of_stack(std::string status) {
  return event(stack_name, "AWS::CloudFormation::Stack", std::move(status));
}

TEST(KeptResources, are_those_that_the_deletion_skipped) {
  const std::vector<aws::StackEvent> events{
      of_stack("DELETE_COMPLETE"),
      event("Logs", "AWS::S3::Bucket", "DELETE_SKIPPED", "logs-1"),
      event("User", "AWS::IAM::User", "DELETE_COMPLETE", "user-1"),
      event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "bucket-1"),
      of_stack("DELETE_IN_PROGRESS"),
      of_stack("UPDATE_COMPLETE"),
      event("Old", "AWS::S3::Bucket", "DELETE_SKIPPED", "replaced-by-the-update"),
      of_stack("UPDATE_IN_PROGRESS"),
  };
  EXPECT_EQ(
      deletion_text(events, stack_name, {}),
      "The stack is deleted. Its DeletionPolicy kept: AWS::S3::Bucket logs-1, AWS::S3::Bucket bucket-1.");
  EXPECT_EQ(deletion_text({of_stack("DELETE_COMPLETE"), of_stack("DELETE_IN_PROGRESS")}, stack_name, {}),
            "The stack is deleted.");
}

TEST(KeptResources, are_told_once_also_after_a_deletion_that_failed_first) {
  const std::vector<aws::StackEvent> events{
      of_stack("DELETE_COMPLETE"),
      event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "bucket-1"),
      of_stack("DELETE_IN_PROGRESS"),
      of_stack("DELETE_FAILED"),
      event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "bucket-1"),
      event("Logs", "AWS::S3::Bucket", "DELETE_SKIPPED", "logs-1"),
      of_stack("DELETE_IN_PROGRESS"),
      of_stack("CREATE_COMPLETE"),
  };
  EXPECT_THAT(deletion_text(events, stack_name, {}),
              EndsWith(": AWS::S3::Bucket bucket-1, AWS::S3::Bucket logs-1."));
}

TEST(KeptResources, are_counted_where_they_are_many_or_long) {
  std::vector<aws::StackEvent> events;
  for (int i = 0; i < 200; ++i)
    events.push_back(
        event("B" + std::to_string(i), "AWS::S3::Bucket", "DELETE_SKIPPED", std::string(500, 'b')));
  const std::string text = deletion_text(events, stack_name, {});
  EXPECT_LT(text.size(), 500U);
  EXPECT_THAT(text, EndsWith(" and 198 more."));
}

TEST(KeptResources, leave_a_snapshot_where_the_template_or_its_default_says_so) {
  const auto service = parse_template(template_text, "test");
  ASSERT_TRUE(service);
  const auto document = document_of(*service);
  ASSERT_TRUE(document);
  EXPECT_THAT(snapshots_of({.document = *document, .parameters = {{"Keep", "yes"}}}),
              ElementsAre("Alone", "Cluster", "Database"));
  EXPECT_THAT(snapshots_of({.document = *document, .parameters = {{"Keep", "no"}}}),
              ElementsAre("Alone", "Cluster"));
  const std::vector<aws::StackEvent> events{
      event("Database", "AWS::RDS::DBInstance", "DELETE_COMPLETE", "db-1"),
      event("Cluster", "AWS::RDS::DBCluster", "CREATE_FAILED"),
  };
  EXPECT_EQ(deletion_text(events, stack_name, {"Cluster", "Database"}),
            "The stack is deleted. Its DeletionPolicy kept a snapshot of: AWS::RDS::DBInstance db-1.");
}

class Deletion : public testing::Test {
 protected:
  void make_instance() {
    world_.parameters = boost::json::object{{"Secret", "hunter2hunter2"}};
    ASSERT_TRUE(world_.provision());
    ASSERT_EQ(world_.poll_until_done("provision")->state, osb::OperationState::succeeded);
  }
  std::string told_by_deletion() {
    EXPECT_TRUE(world_.deprovision());
    const auto answer = world_.poll_until_done("deprovision");
    EXPECT_TRUE(answer && answer->state == osb::OperationState::succeeded);
    return answer ? answer->description : "";
  }
  test::World world_{template_text};
};

TEST_F(Deletion, tells_what_is_kept_by_events_and_by_the_plans_values) {
  make_instance();
  world_.cloud.stack_history = {event("Database", "AWS::RDS::DBInstance", "DELETE_COMPLETE", "db-1"),
                                event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "bucket-1")};
  EXPECT_EQ(told_by_deletion(),
            "The stack is deleted. Its DeletionPolicy kept: AWS::S3::Bucket bucket-1. "
            "Its DeletionPolicy kept a snapshot of: AWS::RDS::DBInstance db-1.");
}

TEST_F(Deletion, shows_no_secret_in_a_name) {
  make_instance();
  world_.cloud.stack_history = {event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "b-hunter2hunter2")};
  EXPECT_THAT(told_by_deletion(), Not(HasSubstr("hunter2")));
}

TEST_F(Deletion, ends_also_where_the_events_cannot_be_read_and_says_so) {
  make_instance();
  world_.cloud.refuse_events = core::Error{.kind = core::ErrorKind::forbidden, .message = "AccessDenied"};
  EXPECT_THAT(told_by_deletion(), EndsWith("could not be read: AccessDenied"));
  EXPECT_EQ(world_.cloud.living_stacks(), 0U);
}

TEST_F(Deletion, tells_of_a_stack_that_somebody_else_has_deleted) {
  make_instance();
  auto& stack = world_.cloud.stacks.begin()->second;
  stack.deleted = true;
  stack.stack.status = "DELETE_COMPLETE";
  world_.cloud.stack_history = {event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED", "bucket-1")};
  EXPECT_EQ(told_by_deletion(), "The stack is deleted. Its DeletionPolicy kept: AWS::S3::Bucket bucket-1.");
}

TEST_F(Deletion, tells_that_it_does_not_know_of_a_stack_that_is_forgotten) {
  make_instance();
  world_.cloud.stacks.clear();
  EXPECT_EQ(told_by_deletion(),
            "The stack no longer exists. What its DeletionPolicy may have kept is not known.");
}

}  // namespace
}  // namespace broker
