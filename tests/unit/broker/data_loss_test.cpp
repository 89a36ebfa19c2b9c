// Updates that would lose data: refused before anything is written or sent, unless the request allows it.
#include "broker/operations/data_loss.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/account_parameters.hpp"
#include "tests/unit/broker/world.hpp"

namespace broker {
namespace {

namespace json = boost::json;
using core::ErrorKind;
using osb::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* template_text = R"yaml(
Description: a queue
Metadata:
  AWS::ServiceBroker::Specification:
    Name: s3
    UpdatableParameters: [Delay, Dead]
    ServicePlans:
      production: { Description: a plan }
      fifo: { Description: a plan, ParameterValues: { Fifo: "true" } }
Parameters:
  Delay: { Type: Number, Default: 5 }
  Fifo: { Type: String, Default: "false" }
  Dead: { Type: String, Default: "true" }
  Secret: { Type: String, NoEcho: true, Default: "" }
Conditions:
  HasDead: !Equals [!Ref Dead, "true"]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    UpdateReplacePolicy: Retain
    Properties: { FifoQueue: !Ref Fifo, DelaySeconds: !Ref Delay }
  DeadLetters:
    Type: AWS::SQS::Queue
    Condition: HasDead
)yaml";

class DataLoss : public testing::Test {
 protected:
  DataLoss() { world_.parameters = json::object{{"Delay", 7}}; }

  void make_instance() {
    ASSERT_TRUE(world_.provision());
    ASSERT_EQ(world_.poll_until_done("provision")->state, osb::OperationState::succeeded);
  }
  core::Result<osb::UpdateResponse> update(const json::value& parameters, const char* plan = nullptr,
                                           const std::string& version = "") {
    osb::UpdateRequest request{.instance_id = "i1", .service_id = world_.service_id()};
    request.parameters = parameters;
    request.accepts_incomplete = true;
    if (plan != nullptr) request.plan_id = Ids::make("0", "test")->plan_id("s3", plan);
    if (!version.empty()) request.maintenance_info = json::object{{"version", version}};
    const osb::CallContext context;
    return world_.run(world_.broker().update(request, context));
  }
  std::string refusal(const json::value& parameters, const char* plan = nullptr,
                      const std::string& version = "") {
    const std::string before = world_.stored_text();
    const auto answer = update(parameters, plan, version);
    EXPECT_EQ(world_.stored_text(), before) << "nothing is recorded";
    EXPECT_THAT(world_.cloud.updates, IsEmpty()) << "nothing is sent";
    if (answer) return "accepted";
    EXPECT_EQ(answer.error().kind, ErrorKind::unprocessable);
    EXPECT_EQ(answer.error().code, "");
    return answer.error().message;
  }

  test::World world_{template_text};
};

TEST_F(DataLoss, by_a_replaced_resource_is_refused_with_its_name) {
  make_instance();
  EXPECT_EQ(
      refusal({}, "fifo"),
      "The update would replace the resource Queue (AWS::SQS::Queue) and lose its messages: its property "
      "FifoQueue cannot be changed in place, and the plan fifo changes the parameter Fifo. AWS keeps the "
      "old one, but it no longer belongs to this instance. To keep the data, leave these parameters at "
      "their present values, or create a new instance and move the data to it. To accept the loss, send "
      "the parameter allow_replacement with the value true together with this update.");
}

TEST_F(DataLoss, by_a_deleted_resource_is_refused_with_its_name) {
  make_instance();
  EXPECT_THAT(refusal({{"Dead", "false"}}),
              HasSubstr("would delete the resource DeadLetters (AWS::SQS::Queue) and lose its messages: the "
                        "update changes the parameter Dead."));
}

TEST_F(DataLoss, by_another_template_is_refused) {
  make_instance();
  std::string newer = template_text;
  newer.replace(newer.find("  Queue:\n"), 8, "  Other:");
  newer.replace(newer.find("    Name: s3\n"), 0, "    TemplateVersion: 2.0.0\n");
  world_.use_template(newer);
  EXPECT_THAT(refusal({}, nullptr, "2.0.0"),
              HasSubstr("would delete the resource Queue (AWS::SQS::Queue) and lose its messages: the new "
                        "template does not have it."));
  EXPECT_TRUE(update({{consent_parameter, true}}, nullptr, "2.0.0"));
  EXPECT_THAT(world_.cloud.updates, SizeIs(1));
}

TEST_F(DataLoss, is_allowed_by_the_request_that_says_so_and_by_no_other) {
  make_instance();
  for (const json::value& consent : {json::value(true), json::value("true")}) {
    SCOPED_TRACE(core::to_text(consent));
    world_.cloud.updates.clear();
    const char* plan = consent.is_bool() ? "fifo" : "production";
    const json::object parameters{{"Delay", 7}, {consent_parameter, consent}};
    const auto answer = update(parameters, plan);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->outcome, Outcome::in_progress);
    world_.cloud.stacks.begin()->second.polls_left = 5;
    // A repeated request is the same, with and without the consent.
    EXPECT_EQ(update(parameters, plan)->operation, answer->operation);
    const auto without = update(json::object{{"Delay", 7}}, plan);
    ASSERT_TRUE(without) << without.error().message;
    EXPECT_EQ(without->operation, answer->operation);
    ASSERT_THAT(world_.cloud.updates, SizeIs(1));
    for (const auto& [name, value] : world_.cloud.updates[0].parameters) EXPECT_NE(name, consent_parameter);
    ASSERT_EQ(world_.poll_until_done(answer->operation)->state, osb::OperationState::succeeded);
    EXPECT_THAT(world_.stored_text(), Not(HasSubstr(consent_parameter)));
    EXPECT_EQ(update(parameters, plan)->outcome, Outcome::done) << "nothing is left to do";
  }
  world_.cloud.updates.clear();
  EXPECT_THAT(refusal({{"Delay", 7}}, "fifo"), HasSubstr("Queue")) << "an earlier consent holds no longer";
  EXPECT_THAT(refusal({{"Delay", 7}, {consent_parameter, false}}, "fifo"), HasSubstr("Queue"));
}

TEST_F(DataLoss, is_no_matter_for_updates_that_reach_no_such_property) {
  make_instance();
  const auto answer = update({{"Delay", 9}, {"Dead", "true"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->outcome, Outcome::in_progress);
}

TEST_F(DataLoss, is_told_by_what_the_stack_has_not_by_what_is_recorded) {
  make_instance();
  // Somebody has changed the stack behind the broker's back.
  world_.cloud.stacks.begin()->second.stack.parameters.emplace_back("Fifo", "true");
  const auto answer = update({}, "fifo");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->outcome, Outcome::done) << "CloudFormation finds nothing to do";
}

TEST_F(DataLoss, is_not_asked_of_a_stack_that_is_gone) {
  make_instance();
  world_.cloud.stacks.begin()->second.stack.status = "DELETE_COMPLETE";
  const auto answer = update({}, "fifo");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("was deleted by someone else"));
}

TEST_F(DataLoss, is_a_parameter_at_creation_too_that_nothing_remembers) {
  world_.parameters = json::object{{"Delay", 7}, {consent_parameter, true}};
  make_instance();
  EXPECT_EQ(world_.provision()->outcome, Outcome::unchanged);
  world_.parameters = json::object{{"Delay", 7}};
  EXPECT_EQ(world_.provision()->outcome, Outcome::unchanged);
  EXPECT_THAT(world_.stored_text(), Not(HasSubstr(consent_parameter)));
  EXPECT_THAT(refusal({}, "fifo"), HasSubstr("Queue"));
  world_.parameters = json::object{{consent_parameter, "maybe"}};
  EXPECT_EQ(world_.provision().error().message, "The parameter allow_replacement must be true or false.");
}

TEST(Consent, is_taken_out_of_the_parameters) {
  const auto take = [](json::value& parameters, const CatalogOptions& options = {}) {
    const auto taken = take_consent(parameters, options);
    return taken ? std::string(*taken ? "yes" : "no") : taken.error().message;
  };
  json::value none;
  EXPECT_EQ(take(none), "no");
  json::value given{{"a", 1}, {"allow_replacement", "true"}};
  EXPECT_EQ(take(given), "yes");
  EXPECT_EQ(given, (json::value{{"a", 1}}));
  for (const json::value& wrong :
       {json::value(1), json::value("yes"), json::value(nullptr), json::value("True ")}) {
    json::value parameters{{"allow_replacement", wrong}};
    EXPECT_EQ(take(parameters), "The parameter allow_replacement must be true or false.");
  }
  json::value hidden{{"allow_replacement", true}};
  EXPECT_EQ(take(hidden, {.hidden_parameters = {"allow_replacement"}}),
            "The parameter allow_replacement is not available.");
}

TEST(Losses, are_told_with_what_remains_and_how_many_more) {
  const Replacement bucket{.kind = Replacement::Kind::deleted,
                           .resource = "B",
                           .type = "AWS::S3::Bucket",
                           .holds = "its objects",
                           .property = {},
                           .policy = "Snapshot",
                           .parameters = {"P", "Q", "R"}};
  const Replacement unclear{.kind = Replacement::Kind::unclear,
                            .resource = "X",
                            .type = "Company::A::B",
                            .holds = {},
                            .property = {},
                            .policy = {},
                            .parameters = {}};
  const std::string text = describe_losses({bucket, unclear, bucket, unclear, bucket}, nullptr);
  EXPECT_THAT(text, HasSubstr("lose its objects: the update changes the parameters P, Q and R. AWS keeps a "
                              "final snapshot of it."));
  EXPECT_THAT(text,
              HasSubstr("may replace the resource X (Company::A::B): what it contains and which of its "
                        "properties can be changed in place is not known, and the new template changes it."));
  EXPECT_THAT(text, HasSubstr("The same is true of 2 more: X, B."));
}

}  // namespace
}  // namespace broker
