// Nothing that a user asks for is passed over: edits of objects whose status was restored, edits after an
// update whose answer was lost, Secrets that change while the API server has troubles.
#include "instance_fixture.hpp"

namespace catalog {
namespace {

const core::Error lost{.kind = core::ErrorKind::unavailable, .message = "the connection was lost"};
const core::Error api_down{.kind = core::ErrorKind::unavailable, .message = "connection refused"};

// As a backup tool does it: the object is made anew and gets another uid, its generation starts at 1, then
// its status is written as it was.
class RestoredStatus : public InstanceTest {
 protected:
  void restore(const kube::Resource& resource, json::object object, std::string_view status_patch,
               std::string_view patch = "{}") {
    world.api.erase(World::of(resource), std::string(kube::namespace_of(object)),
                    std::string(kube::name_of(object)));
    object = patched(std::move(object), patch);
    for (const char* member : {"uid", "resourceVersion"}) object["metadata"].as_object().erase(member);
    core::set(object, {"metadata", "generation"}, 1);
    json::value status = object["status"];
    core::merge_patch(status, parse(status_patch));
    object.erase("status");
    world.api.put(World::of(resource), object);
    object["status"] = std::move(status);
    world.api.put(World::of(resource), std::move(object));
  }
  void restore_instance(std::string_view status_patch, std::string_view patch = "{}") {
    restore(resources::service_instances, *world.instance_now(), status_patch, patch);
  }
};

TEST_F(RestoredStatus, that_is_ahead_of_the_object_hides_no_edit) {
  make_ready(R"({"spec":{"parameters":{"Size":5}}})");
  restore_instance(R"({"observedGeneration":7,"reconciledGeneration":7})");
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.story(), "provision") << "nothing has changed";
  EXPECT_EQ(core::find_int(*world.instance_now(), {"status", "observedGeneration"}), 1);
  edit(R"({"spec":{"parameters":{"Size":42}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully", seconds(1)));
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 42);
  EXPECT_EQ(world.broker.story(), "provision update");
  EXPECT_EQ(core::find_int(*world.instance_now(), {"status", "observedGeneration"}), 2);
}

TEST_F(RestoredStatus, of_an_older_version_hides_no_edit_either) {
  make_ready(R"({"spec":{"parameters":{"Size":5}}})");
  restore_instance(R"({"observedGeneration":7,"reconciledGeneration":7,"handled":null})");
  edit(R"({"spec":{"parameters":{"Size":42}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully", seconds(1)));
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.story(), "provision update");
}

TEST_F(RestoredStatus, whose_generation_is_by_chance_that_of_an_edit_does_not_hide_it) {
  make_ready(R"({"spec":{"parameters":{"Size":5}}})");
  world.api.hold_events(true);
  restore_instance(R"({"observedGeneration":2,"reconciledGeneration":2})");
  edit(R"({"spec":{"parameters":{"Size":42}}})");
  world.api.hold_events(false);
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully", seconds(1)));
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 42);
}

TEST_F(RestoredStatus, does_not_hide_an_update_that_is_asked_for) {
  make_ready();
  world.api.hold_events(true);
  restore_instance(R"({"observedGeneration":2,"reconciledGeneration":2})");
  edit(R"({"spec":{"updateRequests":1}})");
  world.api.hold_events(false);
  EXPECT_TRUE(shows("InstanceUpdatedSuccessfully", seconds(1)));
}

TEST_F(RestoredStatus, of_a_deletion_that_was_given_up_lets_another_be_tried) {
  for (const char* handled : {"{}", R"({"handled":null})"}) {
    SCOPED_TRACE(handled);
    make_ready();
    restore_instance(R"({"observedGeneration":7,"deprovisionStatus":"Failed",
      "conditions":[{"type":"Ready","status":"Unknown","reason":"DeprovisionCallFailed"},
                    {"type":"Failed","status":"True","reason":"ErrorReconciliationRetryTimeout"}]})");
    if (std::string_view(handled) != "{}") {
      world.api.put(World::of(resources::service_instances),
                    patched(*world.instance_now(), R"({"status":{"handled":null}})"));
    }
    const std::size_t before = world.broker.calls("deprovision");
    remove();
    EXPECT_TRUE(gone());
    EXPECT_EQ(world.broker.calls("deprovision"), before + 1);
  }
}

TEST_F(RestoredStatus, by_chance_of_the_same_generation_lets_a_deletion_be_tried) {
  make_ready();
  world.api.hold_events(true);
  restore_instance(R"({"observedGeneration":2,"deprovisionStatus":"Failed"})");
  remove();
  world.api.hold_events(false);
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(RestoredStatus, of_a_binding_lets_its_deletion_be_tried) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
  restore(resources::service_bindings, *world.binding_now(),
          R"({"reconciledGeneration":7,"unbindStatus":"Failed","externalProperties":null,
              "conditions":[{"type":"Failed","status":"True","reason":"UnbindCallFailed"}]})");
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(RestoredStatus, of_a_broker_has_its_catalog_fetched) {
  world.let_pass(minutes(1));
  const std::size_t before = world.broker.calls("catalog");
  restore(resources::cluster_service_brokers, *world.broker_now(), R"({"reconciledGeneration":1})");
  EXPECT_TRUE(world.until([&] { return world.broker.calls("catalog") == before + 1; }, seconds(1)));
}

// What an update may have done though nobody knows: the answer was lost, or the broker failed in the middle.
class UnknownOutcome : public InstanceTest {
 protected:
  void SetUp() override {
    InstanceTest::SetUp();
    make_ready(R"({"spec":{"parameters":{"Size":5}}})");
  }
  void grow(int size) { edit(R"({"spec":{"parameters":{"Size":)" + std::to_string(size) + "}}}"); }
  void expect_sent_again() {
    grow(5);
    ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
    EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 5);
    EXPECT_EQ(core::find(*world.instance_now(), {"status", "unconfirmedUpdate"}), nullptr);
    edit(R"({"spec":{"updateRequests":1}})");
    const std::size_t before = world.broker.calls("update");
    ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == before + 1; }));
    EXPECT_FALSE(sent("update").contains("parameters")) << "now it is known";
  }
};

TEST_F(UnknownOutcome, of_an_answer_that_was_lost_is_corrected_when_the_user_goes_back) {
  world.broker.plan("update", {{.error = lost}, {.status = 200}});
  grow(900);
  ASSERT_TRUE(shows("ErrorCallingUpdateInstance"));
  expect_sent_again();
}

TEST_F(UnknownOutcome, of_several_updates_is_corrected) {
  world.broker.plan("update", {{.error = lost}, {.status = 400}, {.status = 200}});
  grow(900);
  ASSERT_TRUE(shows("ErrorCallingUpdateInstance"));
  grow(901);
  ASSERT_TRUE(shows("UpdateInstanceCallFailed"));
  expect_sent_again();
}

TEST_F(UnknownOutcome, of_a_crash_is_corrected_when_the_user_goes_back) {
  world.broker.plan("update", {{.hangs = true}, {.status = 200}});
  grow(900);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 1; }));
  world.api.hold_events(true);
  grow(5);
  world.restart();
  world.api.hold_events(false);
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 5);
}

TEST_F(UnknownOutcome, of_an_operation_that_failed_is_corrected) {
  world.broker.plan("update", {accepted, {.status = 200}});
  world.broker.plan("last_operation", {{.body = R"({"state":"failed","description":"half of it"})"}});
  grow(900);
  ASSERT_TRUE(shows("UpdateInstanceCallFailed"));
  expect_sent_again();
}

TEST_F(UnknownOutcome, of_a_change_of_plan_is_corrected) {
  world.broker.plan("update", {{.error = lost}, {.status = 200}});
  edit(R"({"spec":{"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})");
  ASSERT_TRUE(shows("ErrorCallingUpdateInstance"));
  edit(
      R"({"spec":{"clusterServicePlanExternalName":"production","clusterServicePlanRef":{"name":"plan-id"}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find_string(sent("update"), {"plan_id"}), "plan-id");
}

TEST_F(UnknownOutcome, is_none_where_the_broker_refused) {
  world.broker.plan("update", {{.status = 400}, {.status = 200}});
  grow(900);
  ASSERT_TRUE(shows("UpdateInstanceCallFailed"));
  grow(5);
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_FALSE(sent("update").contains("parameters"));
}

TEST_F(InstanceTest, updates_what_a_lost_request_made_with_other_parameters) {
  offer(catalog_with(R"({"instances_retrievable":true})", "{}"));
  world.broker.plan("fetch_instance",
                    {{.status = 404}, {.body = R"({"service_id":"class-id","plan_id":"plan-id"})"}});
  world.broker.plan("provision", {{.error = lost}, {.status = 409}});
  world.create_instance(R"({"spec":{"parameters":{"Size":900}}})");
  ASSERT_TRUE(shows("ErrorCallingProvision"));
  edit(R"({"spec":{"parameters":{"Size":5}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(world.broker.story(), "fetch_instance provision provision fetch_instance update");
  EXPECT_EQ(core::find_int(sent("update"), {"parameters", "Size"}), 5);
}

// A provision whose outcome is unclear, and a spec that names another plan before the next one fails.
class UnclearProvision : public InstanceTest {
 protected:
  static constexpr const char* other_plan =
      R"({"spec":{"clusterServicePlanExternalName":"custom","clusterServicePlanRef":{"name":"other-id"}}})";
  // The plans of the deletes, in order.
  [[nodiscard]] std::string deleted_with() const {
    std::string target = world.broker.last("deprovision").target;
    return target.substr(target.find("plan_id=") + 8,
                         target.find('&', target.find("plan_id=")) - target.find("plan_id=") - 8);
  }
};

TEST_F(UnclearProvision, is_cleaned_up_with_the_plan_that_it_asked_for) {
  world.broker.plan("provision", {{.error = lost}, {.status = 500}, {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorCallingProvision"));
  edit(other_plan);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 1; }));
  EXPECT_EQ(deleted_with(), "plan-id");
  ASSERT_TRUE(world.until([&] { return ready(); }, minutes(1)));
  EXPECT_EQ(core::find(*world.instance_now(), {"status", "unconfirmedProvision"}), nullptr);
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(deleted_with(), "other-id");
}

TEST_F(UnclearProvision, is_cleaned_up_with_the_other_plan_where_the_broker_refuses_the_first) {
  world.broker.plan("provision", {{.error = lost}, {.status = 500}, {.status = 201}});
  world.broker.plan("deprovision", {{.status = 400}, {.status = 400}, {.status = 200}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorCallingProvision"));
  edit(other_plan);
  for (auto [calls, plan] : {std::pair(1U, "plan-id"), {2U, "other-id"}, {3U, "plan-id"}}) {
    ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == calls; }, minutes(1)));
    EXPECT_EQ(deleted_with(), plan) << calls;
  }
  ASSERT_TRUE(world.until([&] { return ready(); }, minutes(1)));
}

TEST_F(UnclearProvision, is_deleted_with_the_plan_that_it_asked_for) {
  world.broker.plan("provision", {{.error = lost}, {.error = lost}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorCallingProvision"));
  edit(other_plan);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 2; }));
  world.let_pass(milliseconds(100));
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(deleted_with(), "plan-id");
}

TEST_F(UnclearProvision, keeps_no_plan_that_the_broker_refused) {
  world.broker.plan("provision", {{.status = 429}, {.status = 500}, {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  edit(other_plan);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 1; }));
  EXPECT_EQ(deleted_with(), "other-id");
}

TEST_F(UnclearProvision, is_known_after_a_crash) {
  world.broker.plan("provision", {{.hangs = true}, {.status = 500}, {.status = 201}});
  world.create_instance();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 1; }));
  edit(other_plan);
  world.restart();
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 1; }));
  EXPECT_EQ(deleted_with(), "plan-id");
}

class ChangedSecrets : public InstanceTest {
 protected:
  void expect_followed() {
    ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 1; }, seconds(30)));
    EXPECT_EQ(core::find_string(sent("update"), {"parameters", "Password"}), "hunter3");
    world.let_pass(minutes(10));
    EXPECT_EQ(world.broker.calls("update"), 1U);
  }
};

TEST_F(ChangedSecrets, are_followed_though_the_api_server_fails_meanwhile) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.let_pass(seconds(1));
  world.api.fail_next_of("/serviceinstances/s3-bucket/status", api_down);
  put_secret(R"({"Password":"hunter3"})");
  expect_followed();
}

TEST_F(ChangedSecrets, are_followed_though_they_cannot_be_read_at_once) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.let_pass(seconds(1));
  world.api.fail_next_of("/secrets/creds", api_down);
  put_secret(R"({"Password":"hunter3"})");
  expect_followed();
}

TEST_F(ChangedSecrets, are_followed_though_somebody_else_writes_the_instance_meanwhile) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.let_pass(seconds(1));
  world.faults.before_next("PATCH", "/serviceinstances/s3-bucket/status",
                           [this] { annotate("example.com/owner", "jane"); });
  put_secret(R"({"Password":"hunter3"})");
  expect_followed();
}

TEST_F(ChangedSecrets, are_not_read_again_and_again) {
  put_secret(R"({"Password":"hunter2"})");
  make_ready(from_secret);
  world.let_pass(minutes(1));
  put_secret(R"({ "Password" : "hunter2" })");
  world.let_pass(minutes(1));
  const std::size_t before = world.api.count_requests("GET", "/secrets/creds");
  world.let_pass(hours(1));
  EXPECT_EQ(world.api.count_requests("GET", "/secrets/creds"), before);
  EXPECT_EQ(world.broker.calls("update"), 0U);
}

TEST_F(ChangedSecrets, revive_what_failed_by_them_though_nobody_looked) {
  put_secret(R"({"Password":"short"})");
  world.broker.plan("provision", {{.status = 400}, {.status = 201}});
  world.create_instance(from_secret);
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  world.api.hold_events(true);
  put_secret(R"({"Password":"long enough"})");
  world.restart();
  world.api.hold_events(false);
  EXPECT_TRUE(world.until([&] { return ready(); }));
}

TEST_F(ChangedSecrets, revive_what_failed_by_them_when_the_pause_is_over) {
  put_secret(R"({"Password":"short"})");
  world.broker.plan("provision", {{.status = 400}, {.status = 201}});
  world.create_instance(from_secret);
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  annotate("servicecatalog.k8s.io/pause", "true");
  ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now(), "Paused") == "Paused"; }));
  put_secret(R"({"Password":"long enough"})");
  world.let_pass(seconds(1));
  annotate("servicecatalog.k8s.io/pause", "false");
  EXPECT_TRUE(world.until([&] { return ready(); }));
}

TEST_F(ChangedSecrets, revive_a_binding_that_failed_by_them_though_the_api_server_fails) {
  put_secret(R"({"Role":"wrong"})");
  make_ready();
  world.broker.plan("bind", {{.status = 400}, {.status = 201, .body = R"({"credentials":{"a":"b"}})"}});
  world.create_binding(from_secret);
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "BindCallFailed"; }));
  world.api.fail_next_of("/servicebindings/s3-binding/status", api_down);
  put_secret(R"({"Role":"right"})");
  EXPECT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
}

// A Secret that changes while nothing reads it must hurry nothing: the waits between repeated calls stay.
TEST_F(ChangedSecrets, hurry_no_orphan_mitigation) {
  put_secret(R"({"Password":"hunter2"})");
  world.broker.plan("provision", {{.status = 500}});
  world.broker.plan("deprovision", {{.status = 500}});
  world.create_instance(from_secret);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("deprovision") == 2; }, minutes(1)));
  put_secret(R"({"Password":"hunter3"})");
  const std::size_t before = world.broker.calls("deprovision");
  (void)world.until([&] { return world.broker.calls("deprovision") > before + 20; }, minutes(5));
  EXPECT_LE(world.broker.calls("deprovision"), before + 15);
  world.broker.plan("provision", {{.status = 201}});
  world.broker.plan("deprovision", {{.status = 200}});
  ASSERT_TRUE(world.until([&] { return ready(); }, hours(1)));
  EXPECT_EQ(core::find_string(sent("provision"), {"parameters", "Password"}), "hunter3");
}

TEST_F(ChangedSecrets, are_tried_once_where_the_broker_cannot_say_what_it_has) {
  offer(catalog_with(R"({"instances_retrievable":true})", "{}"));
  world.broker.plan("fetch_instance", {{.status = 404}, {.status = 500}});
  world.broker.plan("provision", {{.status = 400}});
  put_secret(R"({"Password":"hunter2"})");
  world.create_instance(from_secret);
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  put_secret(R"({"Password":"hunter3"})");
  const std::size_t before = world.broker.calls("fetch_instance");
  (void)world.until([&] { return world.broker.calls("fetch_instance") > before + 20; }, minutes(5));
  EXPECT_GT(world.broker.calls("fetch_instance"), before) << "what failed is taken up";
  EXPECT_LE(world.broker.calls("fetch_instance"), before + 15);
}

TEST_F(ChangedSecrets, hurry_no_mitigation_of_a_binding) {
  put_secret(R"({"Role":"wrong"})");
  make_ready();
  world.broker.plan("bind", {{.status = 202}});
  world.broker.plan("last_operation", {{.body = R"({"state":"failed"})"}});
  world.broker.plan("unbind", {{.status = 500}});
  world.create_binding(from_secret);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("unbind") == 2; }, minutes(1)));
  put_secret(R"({"Role":"right"})");
  const std::size_t before = world.broker.calls("unbind");
  (void)world.until([&] { return world.broker.calls("unbind") > before + 20; }, minutes(5));
  EXPECT_LE(world.broker.calls("unbind"), before + 15);
}

class ChangedBrokerSecrets : public testing::Test {
 protected:
  void put_login(std::string_view data) {
    world.api.put("/api/v1/secrets", parse(R"({"metadata":{"name":"login","namespace":"s3-demo"},"data":)" +
                                           std::string(data) + "}"));
  }
  void SetUp() override {
    put_login(R"({"username":"YQ==","password":"Yg=="})");
    world.create_broker(
        R"({"spec":{"authInfo":{"basic":{"secretRef":{"name":"login","namespace":"s3-demo"}}}}})");
    ASSERT_TRUE(world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }));
    world.let_pass(seconds(1));
  }
  void expect_noticed() {
    EXPECT_TRUE(
        world.until([&] { return world.reason(world.broker_now()) == "ErrorGettingAuthCredentials"; }));
    put_login(R"({"username":"YQ==","password":"Yg=="})");
    EXPECT_TRUE(
        world.until([&] { return world.reason(world.broker_now()) == "FetchedCatalog"; }, seconds(2)));
  }
  World world;
};

TEST_F(ChangedBrokerSecrets, are_noticed_though_the_api_server_fails_meanwhile) {
  for (int i = 0; i < 3; ++i) world.api.fail_next_of("/clusterservicebrokers/aws/status", api_down);
  put_login(R"({"username":"YQ=="})");
  expect_noticed();
}

TEST_F(ChangedBrokerSecrets, are_noticed_though_nobody_looked) {
  world.api.hold_events(true);
  put_login(R"({"username":"YQ=="})");
  world.restart();
  world.api.hold_events(false);
  expect_noticed();
}

TEST_F(ChangedBrokerSecrets, cost_no_more_than_one_fetch) {
  const std::size_t before = world.broker.calls("catalog");
  world.let_pass(hours(1));
  world.restart();
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("catalog"), before);
}

}  // namespace
}  // namespace catalog
