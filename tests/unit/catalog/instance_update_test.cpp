// Updates: by edits, by request, by Secrets, to a plan's newer version.
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using InstanceUpdate = InstanceTest;

constexpr const char* version_1 = R"({"maintenance_info":{"version":"1.0.0"}})";
constexpr const char* version_2 =
    R"({"maintenance_info":{"version":"2.0.0","description":"restarts the database"}})";

TEST_F(InstanceUpdate, is_sent_for_each_request_even_without_changes_and_after_a_failure) {
  make_ready();
  world.broker.plan("update", {{.status = 400}, {.status = 200}});
  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(shows("UpdateInstanceCallFailed"));
  EXPECT_FALSE(sent("update").contains("parameters"));
  EXPECT_FALSE(sent("update").contains("plan_id"));
  edit(R"({"spec":{"updateRequests":2}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  edit(R"({"spec":{"updateRequests":3}})");
  EXPECT_TRUE(world.until([&] { return world.broker.calls("update") == 3; }));
}

TEST_F(InstanceUpdate, follows_a_secret_that_its_parameters_come_from) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.calls("update"), 0U);
  put_secret(R"({"Password":"hunter3"})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find_string(sent("update"), {"parameters", "Password"}), "hunter3");
  EXPECT_FALSE(core::to_text(*world.instance_now()).contains("hunter"));
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.calls("update"), 1U);
}

TEST_F(InstanceUpdate, follows_a_secret_that_changed_while_nobody_looked) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.restart();
  world.let_pass(seconds(1));
  EXPECT_EQ(world.broker.calls("update"), 0U) << "the same values are no change";
  world.api.hold_events(true);
  put_secret(R"({"Password":"hunter3"})");
  world.restart();
  world.api.hold_events(false);
  EXPECT_TRUE(shows("InstanceUpdatedSuccessfully"));
}

TEST_F(InstanceUpdate, tries_again_when_the_secret_it_failed_by_changes) {
  put_secret(R"({"Password":"short"})");
  world.broker.plan("provision", {{.status = 400, .body = R"({"description":"the password is too short"})"},
                                  {.status = 201}});
  world.create_instance(from_secret);
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  put_secret(R"({"Password":"long enough"})");
  EXPECT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "");
}

TEST_F(InstanceUpdate, keeps_working_without_the_secret_that_it_was_made_from) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.api.erase("/api/v1/secrets", "s3-demo", "creds");
  world.let_pass(minutes(10));
  EXPECT_TRUE(ready());
  remove();
  EXPECT_TRUE(gone());
}

TEST_F(InstanceUpdate, keeps_the_defaults_that_it_was_made_with) {
  make_ready();
  world.edit(resources::cluster_service_classes, "class-id",
             R"({"spec":{"defaultProvisionParameters":{"Size":9}}})");
  edit(R"({"spec":{"parameters":{"Colour":"red"}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(*core::find_object(sent("update"), {"parameters"}), parse(R"({"Colour":"red"})"));
}

TEST_F(InstanceUpdate, keeps_the_dashboard_that_an_answer_does_not_name) {
  world.broker.plan("provision",
                    {{.status = 201, .body = R"({"dashboard_url":"https://dash.example.com/1"})"}});
  make_ready();
  world.broker.plan("update", {{.body = R"({"dashboard_url":null})"}});
  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(status("dashboardURL"), "https://dash.example.com/1");
}

TEST_F(InstanceUpdate, asks_about_an_operation_by_the_plan_that_is_being_left) {
  make_ready();
  world.broker.plan("update", {accepted});
  world.broker.plan("last_operation", {in_progress, succeeded});
  edit(R"({"spec":{"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(net::Query::parse(world.broker.last("last_operation").query()).get("plan_id"), "plan-id");
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(net::Query::parse(world.broker.last("deprovision").query()).get("plan_id"), "other-id");
}

TEST_F(InstanceUpdate, does_not_ask_to_leave_a_plan_that_cannot_be_left) {
  make_ready();
  world.edit(resources::cluster_service_classes, "class-id", R"({"spec":{"planUpdatable":false}})");
  edit(R"({"spec":{"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})");
  ASSERT_TRUE(shows("PlanNotUpdatable"));
  EXPECT_EQ(world.broker.calls("update"), 0U);
  edit(
      R"({"spec":{"clusterServicePlanExternalName":"production","clusterServicePlanRef":{"name":"plan-id"}}})");
  EXPECT_TRUE(shows("InstanceUpdatedSuccessfully"));
}

TEST_F(InstanceUpdate, tells_where_the_instance_lives_as_it_is_now) {
  world.api.put("/api/v1/namespaces", parse(R"({"metadata":{"name":"s3-demo","uid":"namespace-uid",
    "annotations":{"example.com/cost-center":"7"}}})"));
  make_ready(R"({"metadata":{"annotations":{"example.com/owner":"jane","servicecatalog.k8s.io/retain":"false",
    "kubectl.kubernetes.io/last-applied-configuration":"{}"}}})");
  json::object expected = parse(R"({"platform":"kubernetes","namespace":"s3-demo","clusterid":"cluster-uuid",
    "instance_name":"s3-bucket","instance_annotations":{"example.com/owner":"jane"},
    "namespace_annotations":{"example.com/cost-center":"7"}})");
  EXPECT_EQ(*core::find_object(sent("provision"), {"context"}), expected);
  annotate("example.com/owner", "joe");
  edit(R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  core::set(expected, {"instance_annotations", "example.com/owner"}, "joe");
  EXPECT_EQ(*core::find_object(sent("update"), {"context"}), expected);
  std::string_view identity = world.broker.last("update").headers.get("X-Broker-API-Originating-Identity");
  EXPECT_TRUE(identity.starts_with("kubernetes ")) << "the platform of the context";
}

TEST_F(InstanceUpdate, changes_the_context_alone_only_where_the_class_allows_it) {
  make_ready();
  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_FALSE(sent("update").contains("context"));
  offer(catalog_with(R"({"allow_context_updates":true})", "{}"));
  edit(R"({"spec":{"updateRequests":2}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 2; }));
  EXPECT_EQ(core::find_string(sent("update"), {"context", "instance_name"}), "s3-bucket");
}

TEST_F(InstanceUpdate, shows_a_newer_version_and_upgrades_when_asked) {
  offer(catalog_with("{}", version_1));
  make_ready();
  EXPECT_EQ(core::find_string(sent("provision"), {"maintenance_info", "version"}), "1.0.0");
  offer(catalog_with("{}", version_2));
  ASSERT_TRUE(
      world.until([&] { return core::find(*world.instance_now(), {"status", "upgrade"}) != nullptr; }));
  EXPECT_EQ(*core::find_object(*world.instance_now(), {"status", "upgrade"}),
            parse(R"({"from":"1.0.0","to":"2.0.0","description":"restarts the database"})"));
  EXPECT_TRUE(world.has_event("UpgradeAvailable"));

  edit(R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_FALSE(sent("update").contains("maintenance_info")) << "a change of parameters is not an upgrade";
  EXPECT_EQ(core::find_string(sent("update"), {"previous_values", "maintenance_info", "version"}), "1.0.0");
  EXPECT_NE(core::find(*world.instance_now(), {"status", "upgrade"}), nullptr);

  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(
      world.until([&] { return core::find(*world.instance_now(), {"status", "upgrade"}) == nullptr; }));
  EXPECT_EQ(core::find_string(sent("update"), {"maintenance_info", "version"}), "2.0.0");
  EXPECT_EQ(core::find_string(*world.instance_now(), {"status", "maintenanceInfo", "used", "version"}),
            "2.0.0");
}

TEST_F(InstanceUpdate, fetches_the_catalog_again_when_the_broker_has_another_version) {
  offer(catalog_with("{}", version_1));
  world.broker.plan("catalog", {catalog_with("{}", version_2)});
  world.broker.plan("provision",
                    {{.status = 422, .body = R"({"error":"MaintenanceInfoConflict","description":"old"})"},
                     {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(core::find_string(sent("provision"), {"maintenance_info", "version"}), "2.0.0");
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

}  // namespace
}  // namespace catalog
