// Deletions that always end, and what stays behind when a user wants it so.
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using InstanceDeletion = InstanceTest;
using testing::HasSubstr;

TEST_F(InstanceDeletion, names_what_it_waits_for_and_how_to_go_on) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }));
  remove();
  ASSERT_TRUE(shows("DeprovisionBlockedByExistingCredentials"));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr(": s3-binding."));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("servicecatalog.k8s.io/cascade-deletion=true"));
  annotate("servicecatalog.k8s.io/cascade-deletion", "true");
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.binding_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(InstanceDeletion, is_quiet_about_bindings_that_go_too) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }));
  std::size_t before = world.writes("serviceinstances");
  remove();
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.writes("serviceinstances") - before, 3U)
      << "the intent, that nothing is left, and the finalizer";
  EXPECT_FALSE(world.has_event("DeprovisionBlockedByExistingCredentials"));
}

TEST_F(InstanceDeletion, names_bindings_that_go_too_when_they_take_long) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }));
  world.broker.plan("unbind", {accepted});
  world.broker.plan("last_operation", {in_progress});
  annotate("servicecatalog.k8s.io/cascade-deletion", "true");
  remove();
  world.let_pass(seconds(9));
  EXPECT_TRUE(ready());
  ASSERT_TRUE(shows("DeprovisionBlockedByExistingCredentials", seconds(2)));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr(": s3-binding, which are being deleted."));
  world.broker.plan("last_operation", {succeeded});
  EXPECT_TRUE(gone(seconds(10)));
}

TEST_F(InstanceDeletion, tells_at_once_of_a_binding_that_it_may_not_delete) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }));
  world.faults.before_next("DELETE", "/servicebindings/", [this] {
    world.api.fail_next_of(
        "/servicebindings/s3-binding",
        {.kind = core::ErrorKind::forbidden, .message = "prevent-deletion is set", .http_status = 403});
  });
  annotate("servicecatalog.k8s.io/cascade-deletion", "true");
  remove();
  EXPECT_TRUE(gone(seconds(1))) << "it is tried again";
  EXPECT_TRUE(world.has_event("DeprovisionBlockedByExistingCredentials"));
}

TEST_F(InstanceDeletion, tells_in_its_event_what_the_broker_says_of_its_end) {
  make_ready();
  world.broker.plan("deprovision", {accepted});
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded","description":"Kept: bucket-1."})"}});
  remove();
  ASSERT_TRUE(gone());
  EXPECT_TRUE(
      world.has_event("The instance was deprovisioned successfully. The broker says: Kept: bucket-1."));
}

TEST_F(InstanceDeletion, cuts_a_long_description_of_its_end_to_what_an_event_takes) {
  make_ready();
  world.broker.plan("deprovision", {accepted});
  const std::string words(5000, 'w');
  world.broker.plan("last_operation", {{.body = R"({"state":"succeeded","description":")" + words + "\"}"}});
  remove();
  ASSERT_TRUE(gone());
  EXPECT_TRUE(world.has_event(
      "The instance was deprovisioned successfully. The broker says: " + words.substr(0, 797) + "..."));
}

TEST_F(InstanceDeletion, says_no_more_than_that_where_the_broker_says_nothing) {
  make_ready();
  for (const Answer& answer : {succeeded, Answer{.status = 410, .body = R"({"description":"unknown"})"}}) {
    if (!world.instance_now()) make_ready();
    world.broker.plan("deprovision", {accepted});
    world.broker.plan("last_operation", {answer});
    remove();
    ASSERT_TRUE(gone());
    EXPECT_TRUE(world.has_event("The instance was deprovisioned successfully"));
  }
}

TEST_F(InstanceDeletion, needs_neither_class_nor_plan) {
  make_ready();
  world.api.erase(World::of(resources::cluster_service_classes), "", "class-id");
  world.api.erase(World::of(resources::cluster_service_plans), "", "plan-id");
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(net::Query::parse(world.broker.last("deprovision").query()).get("plan_id"), "plan-id");
}

TEST_F(InstanceDeletion, tells_how_to_go_on_without_its_broker) {
  make_ready();
  world.api.erase(World::of(resources::cluster_service_brokers), "", "aws");
  remove();
  ASSERT_TRUE(shows("ReferencesNonexistentBroker"));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("ClusterServiceBroker \"aws\""));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("servicecatalog.k8s.io/abandon=true"));
  annotate("servicecatalog.k8s.io/abandon", "true");
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  EXPECT_TRUE(world.has_event("Abandoned"));
}

TEST_F(InstanceDeletion, goes_on_when_its_broker_comes_back) {
  make_ready();
  world.api.erase(World::of(resources::cluster_service_brokers), "", "aws");
  remove();
  ASSERT_TRUE(shows("ReferencesNonexistentBroker"));
  world.create_broker();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(InstanceDeletion, is_given_up_in_the_middle_of_failures_and_says_what_may_stay) {
  make_ready();
  world.broker.plan("deprovision", {{.status = 500, .body = R"({"description":"bucket is not empty"})"}});
  remove();
  ASSERT_TRUE(shows("DeprovisionCallFailed"));
  annotate("servicecatalog.k8s.io/abandon", "true");
  ASSERT_TRUE(gone());
  bool told = std::ranges::any_of(world.api.requests(), [](const net::Request& request) {
    return request.target.ends_with("/events") && request.body.contains("\"Abandoned\"") &&
           request.body.contains("instance-id") &&
           request.body.contains(R"(The broker \"aws\" may still have)");
  });
  EXPECT_TRUE(told);
}

TEST_F(InstanceDeletion, lets_the_bindings_of_what_was_given_up_go) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.secret_now() != nullptr; }));
  world.broker.plan("unbind", {{.status = 500}});
  annotate("servicecatalog.k8s.io/abandon", "true");
  annotate("servicecatalog.k8s.io/cascade-deletion", "true");
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.binding_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
}

TEST_F(InstanceDeletion, leaves_a_retained_instance_at_its_broker) {
  make_ready();
  annotate("servicecatalog.k8s.io/retain", "true");
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  EXPECT_TRUE(world.has_event("Retained"));
}

TEST_F(InstanceDeletion, mitigates_no_orphan_of_a_retained_instance) {
  world.broker.plan("provision", {{.status = 500}, {.status = 201}});
  world.create_instance(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/retain":"true"}}})");
  EXPECT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(world.broker.calls("provision"), 2U);
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(InstanceDeletion, waits_visibly_while_it_is_paused) {
  make_ready();
  annotate("servicecatalog.k8s.io/pause", "true");
  ASSERT_TRUE(world.until([&] { return status("lastConditionState") == "Paused"; }));
  edit(R"({"spec":{"updateRequests":1}})");
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.calls("update"), 0U);
  remove();
  ASSERT_TRUE(world.until(
      [&] { return world.message(world.instance_now(), "Paused").contains("the deletion waits"); }));
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  annotate("servicecatalog.k8s.io/pause", "false");
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("update"), 0U);
}

TEST_F(InstanceDeletion, goes_on_after_a_pause_as_before) {
  make_ready();
  annotate("servicecatalog.k8s.io/pause", "true");
  ASSERT_TRUE(world.until([&] { return status("lastConditionState") == "Paused"; }));
  annotate("servicecatalog.k8s.io/pause", "");
  ASSERT_TRUE(world.until([&] { return status("lastConditionState") == "Ready"; }));
  EXPECT_EQ(world.reason(world.instance_now(), "Paused"), "");
}

TEST_F(InstanceDeletion, that_was_given_up_by_itself_is_tried_again_when_an_annotation_is_touched) {
  make_ready();
  world.broker.plan("deprovision", {{.status = 500, .body = R"({"description":"bucket is not empty"})"}});
  remove();
  ASSERT_TRUE(
      world.until([&] { return status("deprovisionStatus") == "Failed"; }, World::retry_duration + hours(1)));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("bucket is not empty"));
  std::size_t calls = world.broker.calls("deprovision");
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("deprovision"), calls);
  world.broker.plan("deprovision", {{.status = 410}});
  annotate("servicecatalog.k8s.io/retry", "now");
  EXPECT_TRUE(gone());
}

TEST_F(InstanceDeletion, that_fails_is_repeated_at_once_by_a_request) {
  make_ready();
  world.broker.plan("deprovision", {{.status = 500}});
  remove();
  world.let_pass(hours(1));
  world.broker.plan("deprovision", {{.status = 200}});
  edit(R"({"spec":{"updateRequests":1}})");
  EXPECT_TRUE(gone());
}

TEST_F(InstanceDeletion, starts_anew_when_the_broker_does_not_finish_it) {
  offer(catalog_with("{}", R"({"maximum_polling_duration":60})"));
  make_ready();
  world.broker.plan("deprovision", {accepted});
  world.broker.plan("last_operation", {in_progress});
  remove();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 3; }, minutes(5)));
  world.broker.plan("last_operation", {{.status = 410}});
  EXPECT_TRUE(gone(seconds(20)));
}

}  // namespace
}  // namespace catalog
