// The life of stacks as CloudFormation's documentation tells it, through the real client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/simulated_aws/world.hpp"

namespace simulation::test {
namespace {

using core::ErrorKind;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* queue = R"(
Parameters:
  Name: {Type: String, Default: one, AllowedPattern: "[a-z]+"}
  Seconds: {Type: Number, Default: 30, MinValue: 0, MaxValue: 43200}
  Secret: {Type: String, NoEcho: true, Default: hidden}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub "${AWS::StackName}-${Name}", VisibilityTimeout: !Ref Seconds}
Outputs:
  Url: {Value: !Ref Queue}
  Arn: {Value: !GetAtt Queue.Arn}
)";

class Stacks : public testing::Test {
 protected:
  AccountWorld world;

  std::string create(const std::string& name = "s", const std::string& body = queue,
                     aws::NameValues parameters = {}) {
    const auto id =
        world.run(world.cloudformation.create_stack(stack_input(name, body, std::move(parameters))));
    EXPECT_TRUE(id) << id.error().message;
    return id ? *id : "";
  }
  core::Result<> update(const std::string& name, aws::NameValues parameters, const std::string& body = queue,
                        const std::string& token = "") {
    aws::StackInput input = stack_input(name, body, std::move(parameters));
    input.client_request_token = token;
    return world.run(world.cloudformation.update_stack(std::move(input)));
  }
  core::Result<> remove(const std::string& name) {
    return world.run(world.cloudformation.delete_stack(name, "t"));
  }
  std::vector<std::string> things_of(Fate fate) {
    std::vector<std::string> found;
    for (const Thing& thing : world.account.journal().things)
      if (thing.fate == fate) found.push_back(thing.logical_id);
    return found;
  }
  ~Stacks() override { EXPECT_THAT(world.account.journal().violations, IsEmpty()); }
};

TEST_F(Stacks, ALifeFromCreationToDeletion) {
  const std::string id = create();
  EXPECT_EQ(world.describe("s").status, "CREATE_IN_PROGRESS");
  EXPECT_EQ(world.settle("s"), "CREATE_COMPLETE");
  EXPECT_THAT(world.describe("s").outputs, Contains(Pair("Arn", "arn:aws:sqs:us-east-1:123456789012:s-one")));
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  EXPECT_EQ(world.describe("s").status, "UPDATE_IN_PROGRESS");
  EXPECT_EQ(world.settle("s"), "UPDATE_COMPLETE");
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.describe("s").status, "DELETE_IN_PROGRESS");
  EXPECT_THAT(world.settle("s"), HasSubstr("does not exist"));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
  EXPECT_THAT(statuses_of(world, id),
              ElementsAre("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS",
                          "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE", "DELETE_IN_PROGRESS",
                          "DELETE_COMPLETE"));
}

TEST_F(Stacks, ADeletedStackIsForgottenAfterNinetyDays) {
  const std::string id = create();
  world.settle(id);
  ASSERT_TRUE(remove(id));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
  world.pass(std::chrono::hours(24 * 89));
  EXPECT_EQ(world.describe(id).status, "DELETE_COMPLETE");
  world.pass(std::chrono::hours(24 * 2));
  EXPECT_THAT(world.describe(id).status, HasSubstr("does not exist"));
  EXPECT_NE(create("s"), id);
}

TEST_F(Stacks, ANameIsTakenUntilTheStackIsDeleted) {
  aws::StackInput input = stack_input("s", queue);
  input.client_request_token = "first";
  const auto id = world.run(world.cloudformation.create_stack(input));
  ASSERT_TRUE(id);
  const auto again = world.run(world.cloudformation.create_stack(input));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *id);
  input.client_request_token = "second";
  const auto other = world.run(world.cloudformation.create_stack(input));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "AlreadyExistsException");
}

TEST_F(Stacks, ParametersAreChecked) {
  const auto refused = [&](aws::NameValues parameters) {
    const auto id =
        world.run(world.cloudformation.create_stack(stack_input("s", queue, std::move(parameters))));
    EXPECT_FALSE(id);
    return id ? "" : id.error().code + " " + id.error().message;
  };
  EXPECT_THAT(refused({{"Name", "UPPER"}}), HasSubstr("Parameter 'Name' must match pattern [a-z]+"));
  EXPECT_THAT(refused({{"Seconds", "x"}}), HasSubstr("Parameter 'Seconds' must be a number"));
  EXPECT_THAT(refused({{"Seconds", "50000"}}), HasSubstr("not greater than 43200"));
  EXPECT_THAT(refused({{"Unknown", "x"}}), HasSubstr("Parameters: [Unknown] do not exist in the template"));
  const auto missing = world.run(world.cloudformation.create_stack(
      stack_input("s", "Parameters: {A: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}")));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("Parameters: [A] must have values"));
  EXPECT_THAT(world.account.all_stacks(), IsEmpty());
}

TEST_F(Stacks, ASecretIsNotShown) {
  create("s", queue, {{"Secret", "s3cret"}});
  EXPECT_THAT(world.describe("s").parameters,
              UnorderedElementsAre(Pair("Name", "one"), Pair("Seconds", "30"), Pair("Secret", "****")));
}

TEST_F(Stacks, NothingToUpdateIsAnError) {
  create();
  world.settle("s");
  const auto same = update("s", {{"Seconds", "30"}});
  ASSERT_FALSE(same);
  EXPECT_TRUE(aws::says_unchanged(same.error()));
  aws::StackInput kept{.stack_name = "s", .unchanged_parameters = {"Name", "Seconds"}};
  const auto unchanged = world.run(world.cloudformation.update_stack(kept));
  ASSERT_FALSE(unchanged);
  EXPECT_TRUE(aws::says_unchanged(unchanged.error()));
  kept.unchanged_parameters.push_back("Nothing");
  EXPECT_THAT(world.run(world.cloudformation.update_stack(kept)).error().message,
              HasSubstr("usePreviousValue"));
  ASSERT_TRUE(world.account.retag_outside("s", {{"team", "a"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_COMPLETE");
  EXPECT_THAT(world.describe("s").tags, ElementsAre(Pair("team", "a")));
}

TEST_F(Stacks, ABusyStackIsNotUpdated) {
  create();
  const auto early = update("s", {{"Seconds", "60"}});
  ASSERT_FALSE(early);
  EXPECT_TRUE(aws::says_busy(early.error()));
  world.settle("s");
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}, queue, "token"));
  EXPECT_TRUE(update("s", {{"Seconds", "60"}}, queue, "token"));  // the same request again
  const auto other = update("s", {{"Seconds", "61"}}, queue, "token");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "TokenAlreadyExistsException");
  const auto deletion = remove("s");
  ASSERT_FALSE(deletion);
  EXPECT_TRUE(aws::says_busy(deletion.error()));
}

TEST_F(Stacks, AStackIsDeletedWhileItIsMade) {
  const std::string id = create();
  world.pass(std::chrono::seconds(3));
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
  EXPECT_THAT(things_of(Fate::alive), IsEmpty());
}

TEST_F(Stacks, AFailedCreationIsRolledBack) {
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::create, .reason = "no queue today"});
  const std::string id = create();
  EXPECT_EQ(world.settle("s"), "ROLLBACK_COMPLETE");
  EXPECT_THAT(statuses_of(world, id),
              ElementsAre("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"));
  const auto events = world.run(world.cloudformation.describe_stack_events(id, 100));
  ASSERT_TRUE(events);
  EXPECT_THAT(*events, Contains(testing::AllOf(testing::Field(&aws::StackEvent::status, "CREATE_FAILED"),
                                               testing::Field(&aws::StackEvent::reason, "no queue today"))));
  EXPECT_THAT(things_of(Fate::alive), IsEmpty());
  const auto late = update("s", {{"Seconds", "60"}});
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("is in ROLLBACK_COMPLETE state and can not be updated"));
}

TEST_F(Stacks, ARollbackThatFailsIsDeletedAfterwards) {
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::create});
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::remove});
  const std::string id = create();
  EXPECT_EQ(world.settle("s"), "ROLLBACK_FAILED");
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
}

TEST_F(Stacks, AnUpdateThatFailsGoesBack) {
  create();
  world.settle("s");
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::update});
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  const std::string id = world.describe("s").id;
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(world.describe("s").parameters, Contains(Pair("Seconds", "30")));
  EXPECT_THAT(statuses_of(world, id),
              ElementsAre("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS",
                          "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                          "UPDATE_ROLLBACK_COMPLETE"));
}

TEST_F(Stacks, ARollbackThatFailsIsContinued) {
  create();
  world.settle("s");
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::update, .times = 2});
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_FAILED");
  EXPECT_FALSE(update("s", {{"Seconds", "60"}}));
  ASSERT_TRUE(world.run(world.cloudformation.continue_update_rollback("s")));
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_COMPLETE");
}

TEST_F(Stacks, AnUpdateIsCancelled) {
  create();
  world.settle("s");
  EXPECT_FALSE(world.run(world.cloudformation.cancel_update_stack("s")));
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  world.pass(std::chrono::milliseconds(2'500));
  ASSERT_TRUE(world.run(world.cloudformation.cancel_update_stack("s")));
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_COMPLETE");
}

TEST_F(Stacks, AReplacementDestroysTheOldDataInCleanup) {
  create();
  world.settle("s");
  const std::string before = world.describe("s").outputs[0].second;
  ASSERT_TRUE(update("s", {{"Name", "two"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_COMPLETE");
  EXPECT_NE(world.describe("s").outputs[0].second, before);
  ASSERT_THAT(world.account.journal().destroyed_data(), SizeIs(1));
  EXPECT_EQ(world.account.journal().destroyed_data()[0]->cause, Cause::replaced);
  EXPECT_EQ(world.account.journal().destroyed_data()[0]->physical_id, before);
}

TEST_F(Stacks, PoliciesDecideWhatIsLeft) {
  const std::string body = R"(
Parameters: {Name: {Type: String, Default: one}}
Resources:
  Kept: {Type: AWS::SQS::Queue, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {QueueName: !Sub "k-${Name}"}}
  Database: {Type: AWS::RDS::DBInstance, Properties: {DBName: !Ref Name}}
  Plain: {Type: AWS::SNS::Topic}
)";
  const std::string id = create("s", body);
  world.settle("s");
  ASSERT_TRUE(update("s", {{"Name", "two"}}, body));
  EXPECT_EQ(world.settle("s"), "UPDATE_COMPLETE");
  EXPECT_THAT(things_of(Fate::retained), ElementsAre("Kept"));
  EXPECT_THAT(things_of(Fate::destroyed), ElementsAre("Database"));  // UpdateReplacePolicy is Delete
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
  EXPECT_THAT(things_of(Fate::snapshot), ElementsAre("Database"));
  EXPECT_THAT(things_of(Fate::destroyed), UnorderedElementsAre("Database", "Plain"));
}

TEST_F(Stacks, ANonEmptyBucketKeepsItsStack) {
  const std::string id =
      create("s", "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: bucket-of-s}}}");
  world.settle("s");
  world.account.buckets().put("bucket-of-s", "k", "v");
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle("s"), "DELETE_FAILED");
  EXPECT_THAT(world.describe("s").status_reason, HasSubstr("failed to delete: [B]"));
  ASSERT_TRUE(world.run(world.s3.delete_object("bucket-of-s", "k")));
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
}

TEST_F(Stacks, ADeletionThatFailsMayLeaveResources) {
  const std::string id = create();
  world.settle("s");
  world.account.plan(ResourceFault{.logical_id = "Queue", .times = -1});
  ASSERT_TRUE(remove("s"));
  EXPECT_EQ(world.settle("s"), "DELETE_FAILED");
  const auto retained = world.account.call_as("AKIAPEOPLE", "cloudformation", "DeleteStack",
                                              {{"StackName", "s"}, {"RetainResources.member.1", "Queue"}});
  ASSERT_TRUE(retained) << retained.error().message;
  EXPECT_EQ(world.settle(id), "DELETE_COMPLETE");
  EXPECT_THAT(things_of(Fate::retained), ElementsAre("Queue"));
}

TEST_F(Stacks, ProtectionRefusesDeletion) {
  create();
  world.settle("s");
  ASSERT_TRUE(world.account.protect_outside("s", true));
  const auto refused = remove("s");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("TerminationProtection is enabled"));
  ASSERT_TRUE(world.account.protect_outside("s", false));
  EXPECT_TRUE(remove("s"));
}

TEST_F(Stacks, OnFailureChoosesTheEnd) {
  for (const auto& [on_failure, end] :
       {std::pair{"DELETE", "DELETE_COMPLETE"}, std::pair{"DO_NOTHING", "CREATE_FAILED"}}) {
    world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::create});
    const auto made = world.account.call_as("AKIAPEOPLE", "cloudformation", "CreateStack",
                                            {{"StackName", on_failure == std::string("DELETE") ? "a" : "b"},
                                             {"TemplateBody", queue},
                                             {"OnFailure", on_failure}});
    ASSERT_TRUE(made) << made.error().message;
    const std::string id = made->body.substr(9, made->body.find("</") - 9);
    EXPECT_EQ(world.settle(id), end);
  }
}

TEST_F(Stacks, AnUpdateThatFailsMayStayAsItIs) {
  create();
  world.settle("s");
  world.account.plan(ResourceFault{.logical_id = "Queue", .verb = Verb::update});
  ASSERT_TRUE(world.account.call_as("AKIAPEOPLE", "cloudformation", "UpdateStack",
                                    {{"StackName", "s"},
                                     {"UsePreviousTemplate", "true"},
                                     {"DisableRollback", "true"},
                                     {"Parameters.member.1.ParameterKey", "Seconds"},
                                     {"Parameters.member.1.ParameterValue", "60"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_FAILED");
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_COMPLETE");
}

TEST_F(Stacks, WhatIsFoundBeforeIsInNoEventOfAResource) {
  world.account.plan(ResourceFault{
      .logical_id = "Queue", .verb = Verb::create, .reason = "the name is taken", .is_found_before = true});
  const std::string id = create();
  EXPECT_EQ(world.settle("s"), "ROLLBACK_COMPLETE");
  const auto events = world.run(world.cloudformation.describe_stack_events(id, 100));
  for (const aws::StackEvent& event : *events) EXPECT_EQ(event.logical_id, "s");
  const auto errors = world.run(world.cloudformation.describe_validation_errors(id));
  ASSERT_TRUE(errors);
  ASSERT_THAT(*errors, SizeIs(1));
  EXPECT_EQ(errors->front().reason, "the name is taken");
}

TEST_F(Stacks, WhatWasJustMadeNeedNotBeKept) {
  const std::string body = R"(
Resources:
  Kept: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}
  Given: {Type: AWS::SQS::Queue, DeletionPolicy: RetainExceptOnCreate}
  Last: {Type: AWS::SNS::Topic, DependsOn: [Kept, Given]}
)";
  world.account.plan(ResourceFault{.logical_id = "Last", .verb = Verb::create});
  create("s", body);
  EXPECT_EQ(world.settle("s"), "ROLLBACK_COMPLETE");
  EXPECT_THAT(things_of(Fate::retained), ElementsAre("Kept"));
  EXPECT_THAT(things_of(Fate::alive), IsEmpty());
}

TEST_F(Stacks, ARollbackTakesBackWhatTheUpdateHasMade) {
  const std::string before = "Resources: {Old: {Type: AWS::SNS::Topic}}";
  const std::string after = R"(
Resources:
  Old: {Type: AWS::SNS::Topic}
  New: {Type: AWS::SQS::Queue}
  Kept: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}
  Last: {Type: AWS::SNS::Topic, DependsOn: [New, Kept]}
)";
  create("s", before);
  world.settle("s");
  world.account.plan(ResourceFault{.logical_id = "Last", .verb = Verb::create});
  ASSERT_TRUE(update("s", {}, after));
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(things_of(Fate::alive), ElementsAre("Old"));
  EXPECT_THAT(things_of(Fate::retained), ElementsAre("Kept"));
  EXPECT_EQ(*world.run(world.cloudformation.get_template("s")), before);
}

TEST_F(Stacks, OtherStatusesAreReached) {
  world.account.stacks().begin_review("r");
  EXPECT_EQ(world.describe("r").status, "REVIEW_IN_PROGRESS");
  create();
  world.settle("s");
  const std::string id = world.describe("s").id;
  ASSERT_TRUE(world.account.stacks().import("s", true));
  EXPECT_EQ(world.settle("s"), "IMPORT_COMPLETE");
  ASSERT_TRUE(world.account.stacks().import("s", false));
  EXPECT_EQ(world.settle("s"), "IMPORT_ROLLBACK_COMPLETE");
  ASSERT_TRUE(world.account.stacks().import("s", false, false));
  EXPECT_EQ(world.settle("s"), "IMPORT_ROLLBACK_FAILED");
  EXPECT_THAT(statuses_of(world, id), Contains("IMPORT_IN_PROGRESS"));
  EXPECT_THAT(statuses_of(world, id), Contains("IMPORT_ROLLBACK_IN_PROGRESS"));
}

TEST_F(Stacks, ListsShowWhatIsInProgressInPages) {
  world.account.settings().page_of_stacks = 2;
  for (const char* name : {"a", "b", "c", "d", "e"}) create(name);
  std::vector<std::string> names;
  std::string token;
  int pages = 0;
  do {
    const auto page = world.run(world.cloudformation.list_stacks_in_progress(token));
    ASSERT_TRUE(page) << page.error().message;
    for (const aws::Stack& stack : page->stacks) names.push_back(stack.name);
    token = page->next_token;
    ++pages;
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("e", "d", "c", "b", "a"));
  EXPECT_EQ(pages, 3);
  world.settle("a");
  for (const char* name : {"b", "c", "d", "e"}) world.settle(name);
  EXPECT_THAT(world.run(world.cloudformation.list_stacks_in_progress(""))->stacks, IsEmpty());
}

TEST_F(Stacks, DescriptionsMayBeLate) {
  world.account.settings().describe_staleness = std::chrono::seconds(60);
  create();
  int missing = 0, stale = 0;
  for (int i = 0; i < 20; ++i) missing += world.describe("s").status.contains("does not exist") ? 1 : 0;
  EXPECT_GT(missing, 0);
  world.pass(std::chrono::minutes(10));
  EXPECT_EQ(world.settle("s"), "CREATE_COMPLETE");
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  for (int i = 0; i < 20; ++i) stale += world.describe("s").status == "CREATE_COMPLETE" ? 1 : 0;
  EXPECT_GT(stale, 0);
  world.pass(std::chrono::minutes(10));
  EXPECT_EQ(world.describe("s").status, "UPDATE_COMPLETE");
}

TEST_F(Stacks, EventsComeInPagesWithTheNewestFirst) {
  world.account.settings().page_of_events = 2;
  const std::string id = create();
  world.settle("s");
  const auto events = world.run(world.cloudformation.describe_stack_events(id, 100));
  ASSERT_TRUE(events);
  std::vector<std::string> statuses;
  for (const aws::StackEvent& event : *events) statuses.push_back(event.logical_id + " " + event.status);
  EXPECT_THAT(statuses, ElementsAre("s CREATE_COMPLETE", "Queue CREATE_COMPLETE", "Queue CREATE_IN_PROGRESS",
                                    "Queue CREATE_IN_PROGRESS", "s CREATE_IN_PROGRESS"));
  const auto resources = world.run(world.cloudformation.describe_stack_resources("s"));
  ASSERT_TRUE(resources);
  ASSERT_THAT(*resources, SizeIs(1));
  EXPECT_EQ(resources->front().status, "CREATE_COMPLETE");
  EXPECT_EQ(*world.run(world.cloudformation.get_template("s")), queue);
}

TEST_F(Stacks, SomeoneDeletesAResourceOutside) {
  create();
  world.settle("s");
  ASSERT_TRUE(world.account.delete_resource_outside("s", "Queue"));
  EXPECT_EQ(world.account.journal().destroyed_data()[0]->cause, Cause::outside);
  ASSERT_TRUE(update("s", {{"Seconds", "60"}}));
  EXPECT_EQ(world.settle("s"), "UPDATE_ROLLBACK_FAILED");
  ASSERT_TRUE(remove("s"));
  EXPECT_THAT(world.settle("s"), HasSubstr("does not exist"));
}

TEST_F(Stacks, TheSameSeedGivesTheSameLife) {
  const auto life = [](std::uint64_t seed) {
    AccountWorld other({.creation_failure = 0.3}, seed);
    std::string text;
    for (const char* name : {"a", "b", "c"}) {
      const auto id = other.run(other.cloudformation.create_stack(stack_input(name, queue)));
      text += *id + " " + other.settle(*id) + "\n";
      for (const auto& [when, status] : other.account.all_stacks().at(*id)->history)
        text += core::to_rfc3339_micros(when) + status;
    }
    return text;
  };
  EXPECT_EQ(life(5), life(5));
  EXPECT_NE(life(5), life(6));
}

}  // namespace
}  // namespace simulation::test
