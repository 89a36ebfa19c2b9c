#include "core/hash.hpp"
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using InstanceController = InstanceTest;

TEST_F(InstanceController, provisions_and_sends_what_the_specification_asks_for) {
  world.create_instance(R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  const net::Request& request = world.broker.last("provision");
  EXPECT_EQ(request.path(), "/v2/service_instances/instance-id");
  EXPECT_EQ(net::Query::parse(request.query()).get("accepts_incomplete"), "true");
  EXPECT_EQ(core::parse_json(request.body).value(), parse(R"({"service_id":"class-id","plan_id":"plan-id",
    "organization_guid":"cluster-uuid","space_guid":"namespace-uid","parameters":{"Size":3},
    "context":{"platform":"kubernetes","namespace":"s3-demo","clusterid":"cluster-uuid","instance_name":"s3-bucket",
               "instance_annotations":{},"namespace_annotations":{}}})"));
  std::string_view identity = request.headers.get("X-Broker-API-Originating-Identity");
  ASSERT_TRUE(identity.starts_with("kubernetes "));
  EXPECT_EQ(core::parse_json(core::base64_decode(identity.substr(11)).value()).value(),
            parse(R"({"username":"kubernetes-admin","uid":"","groups":["system:masters"],"extra":{}})"));
  EXPECT_EQ(world.writes("serviceinstances"), 2U);
  EXPECT_TRUE(world.has_event("ProvisionedSuccessfully"));
}

TEST_F(InstanceController, announces_the_call_before_it_makes_it) {
  core::Error lost{.kind = core::ErrorKind::unavailable, .message = "lost"};
  world.broker.plan("provision", {{.error = lost}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 1; }));
  EXPECT_EQ(status("currentOperation"), "Provision");
  EXPECT_EQ(status("deprovisionStatus"), "Required");
}

TEST_F(InstanceController, polls_an_asynchronous_creation_and_writes_three_times) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation",
                    {in_progress, in_progress, in_progress, {.body = R"({"state":"succeeded"})"}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "Provisioning"; }));
  EXPECT_EQ(world.message(world.instance_now()), "The instance is being provisioned asynchronously");
  EXPECT_EQ(status("lastOperation"), "stack-1");
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(1)));
  EXPECT_EQ(net::Query::parse(world.broker.last("last_operation").query()).get("operation"), "stack-1");
  EXPECT_EQ(world.writes("serviceinstances"), 3U);
  EXPECT_TRUE(world.has_event("Provisioning"));
}

TEST_F(InstanceController, polls_a_long_creation_seldom_but_never_much_too_late) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "Provisioning"; }));
  world.let_pass(minutes(10));
  EXPECT_LT(world.broker.calls("last_operation"), 100U);
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(70)));
}

TEST_F(InstanceController, honours_retry_after_while_polling) {
  world.broker.plan("provision", {accepted});
  Answer patient = in_progress;
  patient.headers.set("Retry-After", "30");
  world.broker.plan("last_operation", {patient});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("last_operation") == 1; }));
  world.let_pass(seconds(29));
  EXPECT_EQ(world.broker.calls("last_operation"), 1U);
  EXPECT_TRUE(world.until([&] { return world.broker.calls("last_operation") == 2; }, seconds(2)));
}

TEST_F(InstanceController, goes_on_polling_through_errors) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {{.status = 500, .body = "{}"},
                                       {.status = 200, .body = "<html>"},
                                       in_progress,
                                       {.body = R"({"state":"succeeded"})"}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ErrorPollingLastOperation"; }));
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(10)));
}

TEST_F(InstanceController, tells_a_refusal_and_lets_it_be_repaired_by_an_edit) {
  world.broker.plan(
      "provision",
      {{.status = 400, .body = R"({"error":"BadRequest","description":"The parameter X is not available."})"},
       {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionCallFailed"; }));
  EXPECT_NE(world.message(world.instance_now()).find("The parameter X is not available."), std::string::npos);
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "ClusterServiceBrokerReturnedFailure");
  EXPECT_EQ(status("lastConditionState"), "Failed");
  EXPECT_EQ(status("deprovisionStatus"), "NotRequired");
  EXPECT_TRUE(world.has_event("ProvisionCallFailed"));
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("provision"), 1U);
  world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"parameters":{"Y":1}}})");
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(1)));
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "");
  EXPECT_EQ(core::find_int(*world.instance_now(), {"status", "reconciledGeneration"}), 2);
}

TEST_F(InstanceController, deletes_what_the_broker_refused_without_calling_it) {
  world.broker.plan("provision", {{.status = 400}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ProvisionCallFailed"; }));
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(InstanceController, removes_a_failed_stack_and_keeps_its_reason) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation",
                    {{.body = R"({"state":"failed","description":"S3bucket: BucketAlreadyExists"})"}});
  world.create_instance();
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.instance_now()) == "OrphanMitigationSuccessful"; }));
  EXPECT_EQ(world.message(world.instance_now(), "Failed"),
            "Provision call failed: S3bucket: BucketAlreadyExists");
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("provision"), 1U);
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceController, mitigates_orphans_and_repeats_with_one_growing_backoff) {
  world.broker.plan("provision", {{.status = 500}, {.status = 500}, {.status = 500}, {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(20)));
  EXPECT_EQ(world.broker.calls("provision"), 4U);
  EXPECT_EQ(world.broker.calls("deprovision"), 3U);
  EXPECT_TRUE(world.has_event("StartingInstanceOrphanMitigation"));
  EXPECT_EQ(world.reason(world.instance_now(), "OrphanMitigation"), "");
}

TEST_F(InstanceController, does_not_flood_a_broker_that_keeps_failing) {
  world.broker.plan("provision", {{.status = 500}});
  world.create_instance();
  world.let_pass(hours(1));
  EXPECT_LT(world.broker.calls("provision"), 20U);
  EXPECT_GT(world.broker.calls("provision"), 8U);
  EXPECT_GE(core::find_int(*world.instance_now(), {"status", "retry", "attempts"}), 8);
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
}

TEST_F(InstanceController, repeats_at_once_when_what_it_failed_by_is_repaired) {
  core::Error down{.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  world.broker.plan("provision", {{.error = down}});
  world.create_instance();
  world.let_pass(minutes(30));
  EXPECT_EQ(world.reason(world.instance_now()), "ErrorCallingProvision");
  world.broker.plan("provision", {{.status = 201}});
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"url":"https://new.example.com"}})");
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(1)));
}

TEST_F(InstanceController, gives_up_after_the_retry_duration_and_can_be_revived) {
  core::Error down{.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  world.broker.plan("provision", {{.error = down}});
  world.create_instance();
  ASSERT_TRUE(world.until(
      [&] { return world.reason(world.instance_now(), "Failed") == "ErrorReconciliationRetryTimeout"; },
      World::retry_duration + hours(1)));
  world.broker.plan("provision", {{.status = 201}});
  world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"updateRequests":1}})");
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(65))) << "the broker is called once a minute";
}

TEST_F(InstanceController, takes_the_clusters_id_that_somebody_makes_at_the_same_time) {
  world.api.fail_next_of("/configmaps", {.kind = core::ErrorKind::not_found, .message = "not yet"});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_NE(world.broker.last("provision").body.find("cluster-uuid"), std::string::npos);
}

TEST_F(InstanceController, waits_for_an_unknown_class_and_goes_on_when_it_comes) {
  world.create_instance(
      R"({"spec":{"clusterServiceClassExternalName":"s33","clusterServiceClassRef":null,"clusterServicePlanRef":null}})");
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.instance_now()) == "ReferencesNonexistentServiceClass"; }));
  EXPECT_NE(world.message(world.instance_now()).find("Did you mean \"s3\"?"), std::string::npos);
  EXPECT_EQ(status("userSpecifiedClassName"), "ClusterServiceClass/s33");
  world.broker.plan("catalog",
                    {{.body = R"({"services":[{"id":"id-33","name":"s33","description":"d","bindable":true,
    "plans":[{"id":"plan-33","name":"production","description":"d"}]}]})"}});
  world.edit(resources::cluster_service_brokers, "aws", R"({"spec":{"relistRequests":1}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(core::find_string(*world.instance_now(), {"spec", "clusterServicePlanRef", "name"}), "plan-33");
}

TEST_F(InstanceController, takes_parameters_from_secrets_and_shows_none_of_them) {
  world.create_instance(R"({"spec":{"parametersFrom":[{"secretKeyRef":{"name":"creds","key":"json"}}]}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ErrorWithParameters"; }));
  world.api.put("/api/v1/secrets",
                parse(R"({"metadata":{"name":"creds","namespace":"s3-demo"},"data":{"json":")" +
                      core::base64_encode(R"({"Password":"hunter2"})") + "\"}}"));
  ASSERT_TRUE(world.until([&] { return ready(); }, seconds(1)));
  EXPECT_NE(world.broker.last("provision").body.find("hunter2"), std::string::npos);
  EXPECT_EQ(core::to_text(*world.instance_now()).find("hunter2"), std::string::npos);
  EXPECT_EQ(
      core::find_string(*world.instance_now(), {"status", "externalProperties", "parameters", "Password"}),
      "<redacted>");
}

TEST_F(InstanceController, updates_what_was_edited) {
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.edit(
      resources::service_instances, "s3-bucket",
      R"({"spec":{"parameters":{"Size":3},"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})");
  ASSERT_TRUE(
      world.until([&] { return world.reason(world.instance_now()) == "InstanceUpdatedSuccessfully"; }));
  EXPECT_EQ(core::parse_json(world.broker.last("update").body).value(),
            parse(R"({"service_id":"class-id","plan_id":"other-id","parameters":{"Size":3},
    "previous_values":{"plan_id":"plan-id","service_id":"class-id","organization_id":"cluster-uuid","space_id":"namespace-uid"},
    "context":{"platform":"kubernetes","namespace":"s3-demo","clusterid":"cluster-uuid","instance_name":"s3-bucket",
               "instance_annotations":{},"namespace_annotations":{}}})"));
  EXPECT_EQ(core::find_string(*world.instance_now(),
                              {"status", "externalProperties", "clusterServicePlanExternalID"}),
            "other-id");
}

TEST_F(InstanceController, tells_that_an_update_was_refused_and_stays_deletable) {
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.broker.plan("update", {{.status = 422, .body = R"({"description":"updates are not supported"})"}});
  world.edit(resources::service_instances, "s3-bucket", R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "UpdateInstanceCallFailed"; }));
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceController, deprovisions_asynchronously_and_takes_410_for_success) {
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.broker.plan("deprovision", {accepted});
  world.broker.plan("last_operation", {in_progress, {.status = 410, .body = "{}"}});
  world.remove(resources::service_instances, "s3-bucket");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "Deprovisioning"; }));
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(2)));
  EXPECT_TRUE(world.has_event("DeprovisionedSuccessfully"));
  auto query = net::Query::parse(world.broker.last("deprovision").query());
  EXPECT_EQ(query.get("service_id"), "class-id");
  EXPECT_EQ(query.get("plan_id"), "plan-id");
}

TEST_F(InstanceController, stops_a_creation_under_way_when_it_is_deleted) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "Provisioning"; }));
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceController, repeats_a_deletion_that_fails) {
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.broker.plan("deprovision", {{.status = 500, .body = R"({"description":"bucket is not empty"})"},
                                    {.status = 400},
                                    {.status = 200}});
  world.remove(resources::service_instances, "s3-bucket");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "DeprovisionCallFailed"; }));
  EXPECT_NE(world.message(world.instance_now()).find("bucket is not empty"), std::string::npos);
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(5)));
}

TEST_F(InstanceController, deletes_without_class_and_plan) {
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  world.api.erase(World::of(resources::cluster_service_classes), "", "class-id");
  world.remove(resources::service_instances, "s3-bucket");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }));
  EXPECT_EQ(net::Query::parse(world.broker.last("deprovision").query()).get("service_id"), "class-id");
}

TEST_F(InstanceController, goes_at_once_when_it_is_deleted_before_it_was_looked_at) {
  world.create_instance(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})");
  EXPECT_TRUE(world.until([&] { return !world.instance_now(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("provision"), 0U);
}

TEST_F(InstanceController, finishes_after_a_restart_in_the_middle) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("last_operation") == 2; }));
  world.restart();
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(1)));
  EXPECT_EQ(world.broker.calls("provision"), 1U);
}

TEST_F(InstanceController, writes_the_outcome_onto_an_object_that_was_changed_meanwhile) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("last_operation") == 1; }));
  world.api.hold_events(true);
  json::object labelled = patched(*world.instance_now(), R"({"metadata":{"labels":{"a":"b"}}})");
  world.api.put(World::of(resources::service_instances), labelled);
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded"})"}});
  EXPECT_TRUE(world.until([&] { return ready(); }, seconds(2)));
  EXPECT_EQ(core::find_string(*world.instance_now(), {"metadata", "labels", "a"}), "b");
  world.api.hold_events(false);
}

}  // namespace
}  // namespace catalog
