// Instances that the broker has already: made with a known id, or restored without their status.
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using testing::HasSubstr;

class InstanceAdoption : public InstanceTest {
 protected:
  void SetUp() override {
    InstanceTest::SetUp();
    offer(catalog_with(R"({"instances_retrievable":true})", "{}"));
    world.broker.plan("fetch_instance", {{.status = 404}});
  }
  // What the broker has under the instance's id.
  void broker_has(std::string_view body) {
    world.broker.plan("fetch_instance", {{.status = 200, .body = std::string(body)}});
    world.broker.plan("provision", {{.status = 200}});
  }
};

TEST_F(InstanceAdoption, asks_first_and_provisions_what_the_broker_does_not_have) {
  make_ready();
  EXPECT_EQ(world.broker.calls("fetch_instance"), 1U);
  EXPECT_EQ(world.broker.calls("provision"), 1U);
}

TEST_F(InstanceAdoption, links_to_what_the_broker_has) {
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id","dashboard_url":"https://dash.example.com/1",
    "parameters":{"Size":3,"Region":"eu"},"maintenance_info":{"version":"1.0.0"}})");
  make_ready(R"({"spec":{"parameters":{"Size":3}}})");
  world.let_pass(minutes(1));
  EXPECT_EQ(world.broker.calls("provision"), 1U) << "the broker says whether it is this object's";
  EXPECT_EQ(world.broker.calls("update"), 0U);
  EXPECT_EQ(status("dashboardURL"), "https://dash.example.com/1");
  EXPECT_EQ(core::find_string(*world.instance_now(), {"status", "maintenanceInfo", "used", "version"}),
            "1.0.0");
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceAdoption, brings_what_differs_to_what_is_wanted) {
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id","parameters":{"Size":3}})");
  world.broker.plan("provision", {{.status = 409}});
  world.create_instance(R"({"spec":{"parameters":{"Size":4}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find_string(sent("update"), {"context", "namespace"}), "s3-demo");
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

// It may be another's, which the broker is creating.
TEST_F(InstanceAdoption, mitigates_nothing_after_a_conflict_that_is_not_shown) {
  world.broker.plan("provision", {{.status = 409}, {.status = 503}, {.status = 400}, {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 3; }, minutes(5)));
  world.let_pass(hours(1));
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

// Once the broker has made it for this object, it is this object's.
TEST_F(InstanceAdoption, ends_when_the_broker_makes_it_after_a_conflict) {
  world.broker.plan("provision",
                    {{.status = 409}, {.status = 202, .body = R"({"operation":"x"})"}, {.status = 201}});
  world.broker.plan("last_operation", {{.body = R"({"state":"failed"})"}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 1; }, minutes(5)));
}

TEST_F(InstanceAdoption, asks_again_where_an_ingress_answers_instead_of_the_broker) {
  world.broker.plan("fetch_instance",
                    {{.status = 404, .body = "<html>default backend</html>"},
                     {.status = 200, .body = R"({"service_id":"class-id","plan_id":"plan-id"})"}});
  world.broker.plan("provision", {{.status = 200}});
  make_ready();
  EXPECT_EQ(world.broker.story(), "fetch_instance fetch_instance provision");
}

// Our own earlier request, of which the answer was lost, asked for something else: while the broker creates
// that, it answers 404 to a fetch.
TEST_F(InstanceAdoption, waits_until_the_broker_shows_what_it_has) {
  const Answer hidden{.status = 404};
  world.broker.plan("provision", {{.status = 409}, {.status = 409}, {.status = 409}});
  world.broker.plan(
      "fetch_instance",
      {hidden,
       hidden,
       hidden,
       hidden,
       {.status = 200, .body = R"({"service_id":"class-id","plan_id":"plan-id","parameters":{"Size":3}})"}});
  world.create_instance(R"({"spec":{"parameters":{"Size":4}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 4);
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceAdoption, waits_for_the_update_that_it_takes) {
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id","parameters":{"Size":3}})");
  world.broker.plan("provision", {{.status = 409}});
  world.broker.plan("update", {accepted});
  world.broker.plan("last_operation", {in_progress, succeeded});
  world.create_instance(R"({"spec":{"parameters":{"Size":4}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(status("provisionStatus"), "Provisioned");
}

TEST_F(InstanceAdoption, links_though_the_update_that_the_broker_began_fails) {
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id","parameters":{"Size":3}})");
  world.broker.plan("provision", {{.status = 409}});
  world.broker.plan("update", {accepted, {.status = 200}});
  world.broker.plan("last_operation", {{.body = R"({"state":"failed","description":"no room"})"}});
  world.create_instance(R"({"spec":{"parameters":{"Size":4}}})");
  ASSERT_TRUE(shows("UpdateInstanceCallFailed"));
  EXPECT_EQ(status("provisionStatus"), "Provisioned");
  edit(R"({"spec":{"parameters":{"Size":5}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(world.broker.story(), "fetch_instance provision update last_operation update");
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 5);
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceAdoption, updates_what_a_broker_links_though_it_differs) {
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id","parameters":{"Size":3}})");
  world.create_instance(R"({"spec":{"parameters":{"Size":4}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(world.broker.calls("provision"), 1U);
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 4);
  EXPECT_FALSE(sent("update").contains("plan_id"));
}

TEST_F(InstanceAdoption, provisions_nothing_twice_after_a_restore_without_status) {
  make_ready();
  json::object backup = *world.instance_now();
  backup.erase("status");
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  broker_has(R"({"service_id":"class-id","plan_id":"plan-id"})");
  world.api.put(World::of(resources::service_instances), std::move(backup));
  ASSERT_TRUE(world.until([&] { return world.instance_now() && ready(); }));
  EXPECT_EQ(world.broker.things(), std::set<std::string>{"instance-id"});
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("nothing was provisioned"));
}

TEST_F(InstanceAdoption, refuses_an_instance_of_another_class) {
  broker_has(R"({"service_id":"other-class","plan_id":"plan-id"})");
  world.create_instance();
  ASSERT_TRUE(shows("ErrorAdoptingInstance"));
  EXPECT_EQ(world.broker.calls("provision"), 0U);
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U) << "it was never ours";
}

TEST_F(InstanceAdoption, asks_again_while_the_broker_cannot_say) {
  world.broker.plan("fetch_instance",
                    {{.status = 500},
                     {.status = 422, .body = R"({"error":"ConcurrencyError"})"},
                     {.status = 200, .body = R"({"service_id":"class-id","plan_id":"plan-id"})"}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.broker.calls("fetch_instance"), 3U);
  EXPECT_EQ(world.broker.calls("provision"), 1U);
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(InstanceTest, explains_an_id_that_the_broker_has_with_other_attributes) {
  world.broker.plan("provision", {{.status = 409}});
  world.create_instance();
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  EXPECT_THAT(world.message(world.instance_now()),
              HasSubstr("the broker already has an instance with this spec.externalID"));
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U) << "it was never ours";
}

// Only 404 and 410 say that the broker has none.
TEST_F(InstanceAdoption, provisions_nothing_where_the_broker_does_not_say_what_it_has) {
  for (int refusal : {400, 405, 409, 422}) {
    SCOPED_TRACE(refusal);
    World fresh;
    fresh.create_broker();
    fresh.broker.plan("catalog", {catalog_with(R"({"instances_retrievable":true})", "{}")});
    fresh.broker.plan("fetch_instance", {{.status = refusal}});
    fresh.create_instance();
    ASSERT_TRUE(fresh.until([&] { return InstanceView(*fresh.instance_now()).failed(); }, minutes(3)));
    EXPECT_THAT(fresh.message(fresh.instance_now()), HasSubstr("so nothing is provisioned"));
    EXPECT_EQ(fresh.broker.story(), "fetch_instance");
    fresh.broker.plan("fetch_instance", {{.status = 410}});
    fresh.edit(resources::service_instances, "s3-bucket", R"({"spec":{"updateRequests":1}})");
    ASSERT_TRUE(fresh.until([&] { return InstanceView(*fresh.instance_now()).ready(); }));
    EXPECT_EQ(fresh.broker.story(), "fetch_instance fetch_instance provision");
  }
}

TEST_F(InstanceAdoption, provisions_nothing_after_it_has_asked_for_too_long) {
  world.broker.plan("fetch_instance", {{.status = 500}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return InstanceView(*world.instance_now()).failed(); }, hours(24)));
  EXPECT_EQ(world.reason(world.instance_now(), "Failed"), "ErrorReconciliationRetryTimeout");
  world.let_pass(hours(1));
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("provision") + world.broker.calls("deprovision"), 0U);
}

// A 409 says that the broker has one, and not whose it is: whatever the request before it met.
TEST_F(InstanceAdoption, never_deletes_what_a_conflict_shows) {
  const core::Error unreachable{.kind = core::ErrorKind::unavailable, .message = "connection refused"};
  const std::string concurrency = R"({"error":"ConcurrencyError"})";
  for (const Answer& first : {Answer{.status = 422, .body = concurrency}, Answer{.status = 401},
                              Answer{.status = 403}, Answer{.status = 429}, Answer{.error = unreachable}}) {
    SCOPED_TRACE(first.status);
    World fresh;
    fresh.create_broker();
    fresh.broker.plan("catalog", {catalog_with(R"({"instances_retrievable":true})", "{}")});
    fresh.broker.plan("fetch_instance", {{.status = 404}});
    fresh.broker.plan("provision", {first, {.status = 409}});
    fresh.create_instance();
    ASSERT_TRUE(fresh.until([&] { return fresh.broker.calls("fetch_instance") == 2; }, minutes(3)));
    EXPECT_EQ(fresh.broker.story(), "fetch_instance provision provision fetch_instance");
    fresh.let_pass(hours(1));
    EXPECT_EQ(fresh.reason(fresh.instance_now()), "ProvisionCallFailed");
    fresh.remove(resources::service_instances, "s3-bucket");
    ASSERT_TRUE(fresh.until([&] { return !fresh.instance_now(); }));
    EXPECT_EQ(fresh.broker.calls("deprovision"), 0U);
  }
}

TEST_F(InstanceAdoption, deletes_nothing_while_a_conflict_is_cleared_up) {
  world.broker.plan("provision", {{.status = 429}, {.status = 409}});
  world.broker.plan("fetch_instance", {{.status = 404}, {.status = 500}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("fetch_instance") > 3; }, minutes(3)));
  EXPECT_EQ(world.broker.calls("provision"), 2U) << "not before the broker tells what it has";
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(InstanceAdoption, asks_by_an_update_whose_a_conflicting_instance_is) {
  world.broker.plan("provision", {{.status = 429}, {.status = 409}});
  world.broker.plan("fetch_instance",
                    {{.status = 404}, {.body = R"({"service_id":"class-id","plan_id":"plan-id"})"}});
  world.broker.plan("update", {{.status = 409, .body = R"({"description":"it belongs to somebody else"})"}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorAdoptingInstance", minutes(1)));
  EXPECT_EQ(world.broker.story(), "fetch_instance provision provision fetch_instance update");
  EXPECT_EQ(core::find_string(sent("update"), {"context", "namespace"}), "s3-demo");
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

}  // namespace
}  // namespace catalog
