// What provision, last_operation and deprovision answer and leave, against the cloud in memory.
#include <gtest/gtest.h>

#include "tests/unit/broker/world.hpp"

namespace {

using namespace broker;
using namespace broker::test;

TEST(Provision, answers_202_until_the_stack_is_complete_and_200_after) {
  World world;
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::in_progress);
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::in_progress);
  ASSERT_TRUE(world.poll_until_done("provision"));
  EXPECT_EQ(world.provision()->outcome, osb::Outcome::unchanged);
  EXPECT_EQ(world.cloud.living_stacks(), 1U);
}

TEST(Provision, answers_a_repeated_request_whatever_the_catalog_offers_now) {
  for (const auto& [offered, newer] :
       {std::pair("Name: s3", "Name: other"), std::pair("production:", "testing:"),
        std::pair("Secret:", "Password:")}) {
    SCOPED_TRACE(newer);
    World world;
    world.parameters = boost::json::object{{"Secret", "x"}};
    const auto request = world.provision_request();
    ASSERT_TRUE(world.run(world.broker().provision(request, {})));
    std::string text = bucket_template;
    text.replace(text.find(offered), std::string_view(offered).size(), newer);
    world.use_template(text);
    const auto again = world.run(world.broker().provision(request, {}));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->outcome, osb::Outcome::in_progress);
    ASSERT_TRUE(world.poll_until_done("provision"));
    EXPECT_EQ(world.run(world.broker().provision(request, {}))->outcome, osb::Outcome::unchanged);
  }
}

TEST(Provision, has_not_succeeded_where_a_deletion_has) {
  World world;
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.deprovision());
  const auto creation = world.poll_until_done("provision");
  ASSERT_FALSE(creation);
  EXPECT_EQ(creation.error().kind, core::ErrorKind::not_found);
  const auto deletion = world.poll_until_done("deprovision");
  if (deletion) {
    EXPECT_EQ(deletion->state, osb::OperationState::succeeded);
  } else {
    EXPECT_EQ(deletion.error().kind, core::ErrorKind::gone);
  }
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
}

TEST(Provision, refuses_other_parameters_under_the_same_id) {
  World world;
  ASSERT_TRUE(world.provision());
  world.parameters = boost::json::object{{"Secret", "x"}};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::conflict);
}

TEST(Provision, refuses_an_unknown_parameter_in_the_words_that_users_know) {
  World world;
  world.parameters = boost::json::object{{"Colour", "blue"}};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::invalid);
  EXPECT_EQ(answer.error().message, "The parameter Colour is not available.");
  EXPECT_EQ(world.instances(), 0U);
}

TEST(Provision, gives_cloudformations_words_for_what_it_will_never_accept_and_keeps_no_record) {
  World world;
  world.cloud.refuse_create = core::Error{.kind = core::ErrorKind::invalid,
                                          .message = "ValidationError: bad template",
                                          .code = "ValidationError"};
  const auto answer = world.provision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::invalid);
  EXPECT_NE(answer.error().message.find("bad template"), std::string::npos);
  EXPECT_EQ(world.instances(), 0U);
}

TEST(Provision, never_stores_a_secret_parameter_in_clear) {
  World world;
  world.parameters = boost::json::object{{"Secret", "hunter2"}};
  ASSERT_TRUE(world.provision());
  EXPECT_EQ(world.stored_text().find("hunter2"), std::string::npos);
  EXPECT_EQ(world.cloud.stacks.begin()->second.stack.parameters.at(0).second, "hunter2");
}

TEST(Provision, never_tells_a_secret_parameter_that_cloudformation_quotes) {
  World world;
  world.parameters = boost::json::object{{"Secret", "hunter2hunter2"}};
  world.cloud.refuse_create = core::Error{.kind = core::ErrorKind::invalid,
                                          .message = "Value 'hunter2hunter2' is too short, hunter2hunter2",
                                          .code = "ValidationError"};
  EXPECT_EQ(world.provision().error().message,
            "CloudFormation refused the stack: Value '***' is too short, ***");
  world.cloud.refuse_create.reset();
  world.cloud.create_ends_with = "ROLLBACK_COMPLETE";
  world.cloud.failure = std::string(985, '.') + "hunter2hunter2";  // so that it is cut inside
  ASSERT_TRUE(world.provision());
  const auto failed = world.poll_until_done("provision");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, osb::OperationState::failed);
  EXPECT_EQ(failed->description.find("hunt"), std::string::npos) << failed->description;
}

TEST(LastOperation, tells_the_first_cause_of_a_failure_without_what_was_only_cancelled) {
  World world;
  world.cloud.create_ends_with = "ROLLBACK_COMPLETE";
  ASSERT_TRUE(world.provision());
  const auto answer = world.poll_until_done("provision");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->state, osb::OperationState::failed);
  EXPECT_EQ(answer->description, "A: bucket name is taken");
}

TEST(Deprovision, stops_a_creation_under_way) {
  World world;
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
}

TEST(Deprovision, finds_the_stack_of_an_instance_whose_record_was_lost) {
  World world;
  ASSERT_TRUE(world.provision());
  world.lose_records();
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_EQ(world.cloud.living_stacks(), 0U);
}

TEST(Deprovision, says_gone_where_there_is_nothing) {
  World world;
  const auto answer = world.deprovision();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, core::ErrorKind::gone);
}

TEST(Deprovision, removes_the_users_of_bindings_that_the_platform_forgot) {
  World world;
  ASSERT_TRUE(world.provision());
  ASSERT_TRUE(world.poll_until_done("provision"));
  ASSERT_TRUE(world.bind());
  ASSERT_TRUE(world.deprovision());
  ASSERT_TRUE(world.poll_until_done("deprovision"));
  EXPECT_TRUE(world.cloud.users.empty());
}

}  // namespace
