// What a broker says that a failed update or deprovision has left: instance_usable and update_repeatable (OSB
// 2.17, "Service Broker Errors", "Updating a Service Instance").
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using testing::HasSubstr;
using testing::Not;

Answer refusal(int status, std::string_view members) {
  return {.status = status, .body = R"({"description":"the disk is full")" + std::string(members) + "}"};
}
Answer failed_operation(std::string_view members) {
  return {.body = R"({"state":"failed","description":"the disk is full")" + std::string(members) + "}"};
}

class Usability : public InstanceTest {
 protected:
  void grow(int size) { edit(R"({"spec":{"parameters":{"Size":)" + std::to_string(size) + "}}}"); }
  // An update that fails with this answer: of the call, or of last_operation after a 202.
  void fail_an_update(const Answer& answer) {
    bool of_operation = answer.body.contains("state");
    world.broker.plan("update", {of_operation ? accepted : answer, Answer{}});
    world.broker.plan("last_operation", {of_operation ? answer : succeeded});
    grow(2);
    ASSERT_TRUE(shows("UpdateInstanceCallFailed")) << core::to_text(*world.instance_now());
  }
  [[nodiscard]] bool bound() {
    return world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; },
                       seconds(10));
  }
  [[nodiscard]] std::string unusable() { return world.message(world.instance_now(), "Unusable"); }
};

TEST_F(Usability, decides_whether_an_instance_can_be_bound_after_a_failed_update) {
  const struct {
    const char* sentence;
    Answer answer;
    bool usable;
  } cases[]{
      {"a refusal that says nothing", refusal(422, ""), true},
      {"a refusal that says usable", refusal(400, R"(,"instance_usable":true)"), true},
      {"a refusal that says unusable", refusal(422, R"(,"instance_usable":false)"), false},
      {"an error that says unusable and is final",
       refusal(500, R"(,"instance_usable":false,"update_repeatable":false)"), false},
      {"a failed operation that says nothing", failed_operation(""), true},
      {"a failed operation that says usable", failed_operation(R"(,"instance_usable":true)"), true},
      {"a failed operation that says unusable", failed_operation(R"(,"instance_usable":false)"), false},
      {"a value that is not a boolean", failed_operation(R"(,"instance_usable":"false")"), true},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.sentence);
    make_ready();
    fail_an_update(each.answer);
    EXPECT_EQ(status("provisionStatus"), "Provisioned");
    EXPECT_EQ(unusable().empty(), each.usable);
    world.create_binding();
    EXPECT_EQ(bound(), each.usable) << core::to_text(*world.binding_now());
    if (!each.usable) {
      EXPECT_THAT(unusable(), HasSubstr("the disk is full"));
      EXPECT_EQ(world.reason(world.binding_now()), "ErrorInstanceNotReady");
      EXPECT_THAT(world.message(world.binding_now()), HasSubstr("the disk is full"));
      EXPECT_EQ(world.broker.calls("bind"), 0U);
      world.broker.plan("last_operation", {succeeded});
      grow(3);
      ASSERT_TRUE(shows("InstanceUpdatedSuccessfully")) << "another update may repair it";
      EXPECT_EQ(unusable(), "");
      EXPECT_TRUE(bound());
    }
    world.remove(resources::service_bindings, "s3-binding");
    remove();
    ASSERT_TRUE(world.until([&] { return !world.binding_now() && !world.instance_now(); }));
    world.broker = ScriptedBroker();
  }
}

TEST_F(Usability, is_what_the_broker_said_last) {
  make_ready();
  fail_an_update(refusal(422, R"(,"instance_usable":false)"));
  world.broker.plan("update", {refusal(422, "")});
  grow(3);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 2; }));
  world.let_pass(seconds(1));
  EXPECT_NE(unusable(), "") << "nobody says that it was repaired";
  world.broker.plan("update", {refusal(422, R"(,"instance_usable":true)")});
  grow(4);
  ASSERT_TRUE(world.until([&] { return unusable().empty(); }));
  EXPECT_EQ(world.reason(world.instance_now()), "UpdateInstanceCallFailed");
}

TEST_F(Usability, lets_credentials_be_kept_but_no_new_ones_be_made) {
  make_ready();
  world.create_binding(
      R"({"metadata":{"creationTimestamp":"2026-01-31T10:00:00Z"},"spec":{"rotation":{"interval":"1h","overlap":"1m"}}})");
  ASSERT_TRUE(bound());
  fail_an_update(refusal(422, R"(,"instance_usable":false)"));
  world.let_pass(hours(3));
  EXPECT_EQ(world.broker.calls("bind"), 1U);
  EXPECT_EQ(world.reason(world.binding_now()), "InjectedBindResult");
  grow(3);
  EXPECT_TRUE(world.until([&] { return world.broker.calls("bind") == 2; }));
}

TEST_F(Usability, is_told_of_a_failed_deprovision) {
  make_ready();
  world.broker.plan("deprovision", {accepted});
  world.broker.plan("last_operation", {failed_operation(R"(,"instance_usable":false)")});
  remove();
  ASSERT_TRUE(world.until([&] { return !unusable().empty(); }));
  EXPECT_THAT(unusable(), HasSubstr("the disk is full"));
  EXPECT_FALSE(OperatedView(*world.instance_now()).ready());
  EXPECT_EQ(world.reason(world.instance_now(), "Unusable"), "DeprovisionCallFailed");
  world.broker.plan("last_operation", {succeeded});
  EXPECT_TRUE(gone(minutes(1)));
}

TEST_F(Usability, is_not_asked_of_other_calls) {
  world.broker.plan("provision", {refusal(400, R"(,"instance_usable":false,"update_repeatable":false)")});
  world.create_instance();
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  EXPECT_EQ(unusable(), "");
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "ClusterServiceBrokerReturnedFailure");
}

class Repeatability : public Usability {
 protected:
  [[nodiscard]] bool given_up() {
    return world.until([&] { return world.reason(world.instance_now(), "Failed") == "UpdateNotRepeatable"; },
                       seconds(10));
  }
};

TEST_F(Repeatability, ends_what_would_be_repeated) {
  make_ready();
  for (const Answer& answer :
       {refusal(500, R"(,"update_repeatable":false)"), failed_operation(R"(,"update_repeatable":false)"),
        refusal(429, R"(,"update_repeatable":false)"),
        Answer{refusal(503, R"(,"update_repeatable":false)")}}) {
    SCOPED_TRACE(answer.body + std::to_string(answer.status));
    fail_an_update(answer);
    ASSERT_TRUE(given_up());
    EXPECT_THAT(world.message(world.instance_now(), "Failed"), HasSubstr("the disk is full"));
    EXPECT_THAT(world.message(world.instance_now(), "Failed"), HasSubstr("will fail again"));
    std::size_t calls = world.broker.calls("update");
    world.let_pass(hours(1));
    world.restart();
    world.let_pass(hours(1));
    EXPECT_EQ(world.broker.calls("update"), calls);
    world.broker.plan("last_operation", {succeeded});
    grow(3);
    ASSERT_TRUE(shows("InstanceUpdatedSuccessfully")) << "another update is another matter";
    EXPECT_EQ(status("unrepeatableUpdate"), "");
  }
}

TEST_F(Repeatability, is_assumed_where_the_broker_does_not_say) {
  make_ready();
  world.broker.plan("update", {refusal(500, ""), refusal(500, R"(,"update_repeatable":true)"), Answer{}});
  grow(2);
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(world.broker.calls("update"), 3U);
}

TEST_F(Repeatability, holds_for_the_same_values_from_a_secret_and_not_for_others) {
  put_secret(R"({"Size":1})");
  make_ready(from_secret);
  world.broker.plan("update", {refusal(422, R"(,"update_repeatable":false)"), Answer{}});
  put_secret(R"({"Size":2})");
  ASSERT_TRUE(given_up());
  put_secret(R"({ "Size": 2 })");
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("update"), 1U) << "the Secret was changed, the update is the same";
  put_secret(R"({"Size":3})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(world.broker.calls("update"), 2U);
}

TEST_F(Repeatability, ends_with_the_users_wish_to_have_it_tried_again) {
  make_ready();
  fail_an_update(refusal(422, R"(,"update_repeatable":false)"));
  ASSERT_TRUE(given_up());
  edit(R"({"spec":{"updateRequests":1}})");
  EXPECT_TRUE(shows("InstanceUpdatedSuccessfully"));
}

}  // namespace
}  // namespace catalog
