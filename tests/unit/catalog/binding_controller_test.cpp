#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "world.hpp"

namespace catalog {
namespace {

using Answer = ScriptedBroker::Answer;
using std::chrono::minutes;
using std::chrono::seconds;

class BindingController : public testing::Test {
 protected:
  void SetUp() override {
    world.create_broker();
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionedSuccessfully"; }));
  }
  [[nodiscard]] bool ready() { return world.reason(world.binding_now()) == "InjectedBindResult"; }

  World world;
};

TEST_F(BindingController, writes_the_credentials_into_a_secret_of_its_own) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(1)));
  const json::object* secret = world.secret_now();
  ASSERT_NE(secret, nullptr);
  EXPECT_EQ(*core::find_object(*secret, {"data"}),
            (json::object{{"BUCKET_NAME", core::base64_encode("the-bucket")},
                          {"PORT", core::base64_encode("443")}}));
  EXPECT_EQ(core::find_string(core::find_array(*secret, {"metadata", "ownerReferences"})->front(), {"kind"}),
            "ServiceBinding");
  const net::Request& request = world.broker.last("bind");
  EXPECT_EQ(request.path(), "/v2/service_instances/instance-id/service_bindings/binding-id");
  EXPECT_EQ(core::parse_json(request.body).value(), parse(R"({"service_id":"class-id","plan_id":"plan-id",
    "context":{"platform":"kubernetes","namespace":"s3-demo","clusterid":"cluster-uuid"}})"));
  EXPECT_EQ(world.writes("servicebindings"), 2U);
  EXPECT_EQ(world.writes("secrets"), 1U);
  EXPECT_EQ(core::to_text(*world.binding_now()).find("the-bucket"), std::string::npos);
}

TEST_F(BindingController, waits_quietly_for_an_instance_that_is_being_made) {
  world.remove(resources::service_instances, "s3-bucket");
  ASSERT_TRUE(world.until([&] { return !world.instance_now(); }));
  world.broker.plan("provision", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress"})"}});
  world.create_instance();
  world.create_binding(R"({"metadata":{"creationTimestamp":")" + core::to_rfc3339(world.clock.system_now()) +
                       "\"}}");
  world.let_pass(seconds(1));
  EXPECT_EQ(world.writes("servicebindings"), 0U);
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInstanceNotReady"; }));
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(3)));
}

// A controller that judges by half-listed caches takes the plan for missing, and nothing wakes the binding.
TEST_F(BindingController, is_not_judged_before_all_that_it_refers_to_is_listed) {
  for (const kube::Resource* listed_last :
       {&resources::cluster_service_plans, &resources::cluster_service_classes,
        &resources::cluster_service_brokers}) {
    world.api.fail_next_of(World::of(*listed_last),
                           {.kind = core::ErrorKind::unavailable, .message = "restarting"});
    world.restart();
    world.create_binding();
    EXPECT_TRUE(world.until([&] { return ready(); }, seconds(20)))
        << listed_last->plural << ": " << world.message(world.binding_now());
    world.remove(resources::service_bindings, "s3-binding");
    ASSERT_TRUE(world.until([&] { return !world.binding_now(); }));
  }
}

TEST_F(BindingController, tells_what_it_waits_for) {
  world.create_binding(R"({"spec":{"instanceRef":{"name":"nothing"}}})");
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.binding_now()) == "ReferencesNonexistentInstance"; }));
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
}

TEST_F(BindingController, never_overwrites_a_foreign_secret_and_goes_on_when_it_is_gone) {
  world.api.put("/api/v1/secrets",
                parse(R"({"metadata":{"name":"s3-binding","namespace":"s3-demo"},"data":{"mine":"eA=="}})"));
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInjectingBindResult"; }));
  EXPECT_NE(world.message(world.binding_now()).find("not owned by this ServiceBinding"), std::string::npos);
  EXPECT_NE(core::find(*world.secret_now(), {"data", "mine"}), nullptr);
  world.let_pass(minutes(20));
  world.api.erase("/api/v1/secrets", "s3-demo", "s3-binding");
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(1)));
}

TEST_F(BindingController, leaves_a_foreign_secret_when_it_is_deleted) {
  world.api.put("/api/v1/secrets",
                parse(R"({"metadata":{"name":"s3-binding","namespace":"s3-demo"},"data":{"mine":"eA=="}})"));
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "ErrorInjectingBindResult"; }));
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }));
  EXPECT_NE(world.secret_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(BindingController, removes_the_secret_and_the_credentials_when_it_is_deleted) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.secret_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_TRUE(world.has_event("UnboundSuccessfully"));
}

TEST_F(BindingController, asks_for_no_secret_that_it_knows) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  std::size_t before = world.api.count_requests("GET", "/secrets/s3-binding");
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.secret_now(), nullptr);
  EXPECT_EQ(world.api.count_requests("GET", "/secrets/s3-binding"), before);
}

TEST_F(BindingController, removes_a_secret_that_was_edited_a_moment_ago) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.faults.before_next("DELETE", "/secrets/", [this] {
    json::object edited = *world.secret_now();
    core::set(edited, {"metadata", "labels"}, json::object{{"mine", "too"}});
    world.api.put("/api/v1/secrets", std::move(edited));
  });
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.secret_now(), nullptr);
}

TEST_F(BindingController, goes_at_once_when_it_is_deleted_before_it_was_looked_at) {
  world.create_binding(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("bind"), 0U);
}

TEST_F(BindingController, holds_its_instance_until_it_is_gone) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.remove(resources::service_instances, "s3-bucket");
  ASSERT_TRUE(world.until(
      [&] { return world.reason(world.instance_now()) == "DeprovisionBlockedByExistingCredentials"; }));
  EXPECT_NE(world.message(world.instance_now()).find("s3-binding"), std::string::npos);
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now() && !world.instance_now(); }, seconds(1)));
}

TEST_F(BindingController, fetches_the_credentials_of_an_asynchronous_bind) {
  world.broker.plan("bind", {{.status = 202, .body = R"({"operation":"b-1"})"}});
  world.broker.plan("last_operation",
                    {{.body = R"({"state":"in progress"})"}, {.body = R"({"state":"succeeded"})"}});
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "Binding"; }));
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(2)));
  EXPECT_NE(world.secret_now(), nullptr);
  EXPECT_EQ(world.broker.calls("fetch_binding"), 1U);
  EXPECT_EQ(world.broker.last("fetch_binding").headers.get("X-Broker-API-Originating-Identity"),
            world.broker.last("bind").headers.get("X-Broker-API-Originating-Identity"))
      << "it is the user's doing, too";
}

TEST_F(BindingController, tells_a_refusal_and_stays_deletable) {
  world.broker.plan("bind", {{.status = 400, .body = R"({"description":"RoleName is unknown"})"}});
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "BindCallFailed"; }));
  EXPECT_NE(world.message(world.binding_now(), "Failed").find("RoleName is unknown"), std::string::npos);
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
}

TEST_F(BindingController, mitigates_an_orphan_and_binds_again) {
  world.broker.plan("bind", {{.status = 500}, {.status = 201, .body = R"({"credentials":{"A":"b"}})"}});
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_EQ(world.broker.calls("bind"), 2U);
}

TEST_F(BindingController, refuses_a_class_that_cannot_be_bound) {
  world.edit(resources::cluster_service_classes, "class-id", R"({"spec":{"bindable":false}})");
  world.create_binding();
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.binding_now()) == "ErrorNonbindableServiceClass"; }));
  EXPECT_EQ(world.broker.calls("bind"), 0U);
}

TEST_F(BindingController, says_why_a_class_that_only_binds_asynchronously_cannot_be_bound_without_fetching) {
  world.edit(resources::cluster_service_classes, "class-id", R"({"spec":{"bindingRetrievable":false}})");
  for (const Answer& answer :
       {Answer{.status = 422, .body = R"({"error":"AsyncRequired","description":"takes long"})"},
        Answer{.status = 202, .body = R"({"operation":"b-1"})"}}) {
    world.broker.plan("bind", {answer});
    world.create_binding();
    ASSERT_TRUE(world.until([&] { return !world.message(world.binding_now(), "Failed").empty(); }));
    EXPECT_TRUE(world.message(world.binding_now(), "Failed").contains("does not have bindings_retrievable"));
    world.remove(resources::service_bindings, "s3-binding");
    ASSERT_TRUE(world.until([&] { return !world.binding_now(); }));
  }
  EXPECT_EQ(world.broker.calls("unbind"), 1U);  // of the one that the broker began
}

TEST_F(BindingController, stops_polling_when_the_plan_says_so_and_mitigates_the_orphan) {
  world.edit(resources::cluster_service_plans, "plan-id", R"({"spec":{"maximumPollingDuration":60}})");
  world.broker.plan("bind", {{.status = 202, .body = R"({"operation":"b-1"})"}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress"})"}});
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "Binding"; }));
  ASSERT_TRUE(world.until(
      [&] { return world.reason(world.binding_now(), "Failed") == "AsyncOperationTimeout"; }, minutes(2)));
  EXPECT_TRUE(world.until([&] { return world.broker.calls("unbind") == 1U; }));
}

TEST_F(BindingController, asks_again_for_an_unbind_that_takes_longer_than_the_plan_says) {
  world.edit(resources::cluster_service_plans, "plan-id", R"({"spec":{"maximumPollingDuration":60}})");
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.broker.plan("unbind", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress"})"}});
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.binding_now()) == "UnbindCallFailed"; }, minutes(2)));
  EXPECT_EQ(world.reason(world.binding_now(), "Failed"), "");
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, minutes(1)));
  EXPECT_EQ(world.broker.calls("unbind"), 2U);
}

TEST_F(BindingController, goes_when_its_instance_vanishes_while_the_broker_unbinds) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.broker.plan("unbind", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress"})"}});
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "Unbinding"; }));
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }));
}

TEST_F(BindingController, is_given_up_without_another_call_and_says_what_stays_behind) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.api.erase(World::of(resources::cluster_service_brokers), "", "aws");
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.binding_now()) == "ReferencesNonexistentBroker"; }));
  EXPECT_TRUE(world.message(world.binding_now()).contains("servicecatalog.k8s.io/abandon=true"));
  world.edit(resources::service_bindings, "s3-binding",
             R"({"metadata":{"annotations":{"servicecatalog.k8s.io/abandon":"true"}}})");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_TRUE(world.has_event("Abandoned"));
}

TEST_F(BindingController, leaves_the_credentials_at_the_broker_where_they_are_retained) {
  world.create_binding(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/retain":"true"}}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.secret_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_TRUE(world.has_event("Retained"));
}

TEST_F(BindingController, does_nothing_while_it_is_paused) {
  world.create_binding(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/pause":"true"}}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now(), "Paused") == "Paused"; }));
  EXPECT_EQ(world.broker.calls("bind"), 0U);
  world.edit(resources::service_bindings, "s3-binding",
             R"({"metadata":{"annotations":{"servicecatalog.k8s.io/pause":null}}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.reason(world.binding_now(), "Paused"), "");
}

TEST_F(BindingController, shows_the_progress_of_a_long_operation) {
  world.broker.plan("bind", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"in progress","description":"user made"})"}});
  world.create_binding();
  ASSERT_TRUE(world.until([&] {
    return world.binding_now() &&
           core::find_string(*world.binding_now(), {"status", "lastConditionState"}) == "Binding (user made)";
  }));
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(core::find_string(*world.binding_now(), {"status", "lastConditionState"}), "Ready");
}

TEST_F(BindingController, goes_when_its_instance_is_gone_already) {
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(1)));
  EXPECT_EQ(world.secret_now(), nullptr);
}

// Its credentials are of no use to anybody: they are revoked, and nothing is repeated.
TEST_F(BindingController, fails_for_good_where_a_transform_is_above_its_budget) {
  std::string list = "[0";
  for (int i = 1; i < 60'000; ++i) list += ",0";
  world.broker.plan("bind", {{.status = 201, .body = R"({"credentials":{"a":{"b":)" + list + "]}}}"}});
  world.create_binding(
      R"({"spec":{"secretTransforms":[{"addKey":{"key":"x","jsonPathExpression":"{.a..[*]..[*]}"}}]}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("unbind") == 1; }, seconds(5)));
  ASSERT_TRUE(world.until([&] { return !world.message(world.binding_now(), "Failed").empty(); }, seconds(5)));
  EXPECT_TRUE(world.message(world.binding_now(), "Failed").contains("spec.secretTransforms[0].addKey"))
      << world.message(world.binding_now(), "Failed");
  std::ignore = world.until([] { return false; }, minutes(5));
  EXPECT_EQ(world.broker.calls("bind"), 1U);
  EXPECT_EQ(world.secret_now(), nullptr);
}

}  // namespace
}  // namespace catalog
