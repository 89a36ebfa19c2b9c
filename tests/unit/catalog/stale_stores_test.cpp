// What the controllers know lags behind the API server: somebody took the finalizer away and made the object
// anew under its name and its id, or changed his mind. Nothing is removed on the store's word alone.
#include "catalog/api/annotations.hpp"
#include "instance_fixture.hpp"

namespace catalog {
namespace {

const Answer broken{.status = 500, .body = R"({"description":"not now"})"};

class StaleStores : public InstanceTest {
 protected:
  [[nodiscard]] bool binding_ready() { return world.reason(world.binding_now()) == "InjectedBindResult"; }
  void make_binding_ready(std::string_view patch = "{}") {
    world.create_binding(patch);
    ASSERT_TRUE(world.until([&] { return binding_ready(); }));
  }
  void expect_no_more(const char* call) {
    world.broker.plan(call, {Answer{}});
    const std::size_t before = world.broker.calls(call);
    world.let_pass(minutes(1));
    EXPECT_EQ(world.broker.calls(call), before);
  }
  // From here on the controllers hear of nothing.
  void make_anew_unseen(const kube::Resource& resource, const std::string& name) {
    world.api.hold_events(true);
    world.api.erase(World::of(resource), "s3-demo", name);
    if (&resource == &resources::service_instances) {
      world.create_instance();
    } else {
      world.create_binding();
    }
  }
  void expect_the_new_instance_to_be_left_alone() {
    make_anew_unseen(resources::service_instances, "s3-bucket");
    expect_no_more("deprovision");
    world.api.hold_events(false);
    EXPECT_TRUE(world.until([&] { return ready(); }));
    EXPECT_EQ(world.broker.things(), std::set<std::string>{"instance-id"});
  }
};

// The status that says "remove what may be there" was stored, and its answer was lost.
TEST_F(StaleStores, repeat_no_creation_that_is_to_be_cleaned_up_first) {
  const Answer busy{.status = 422, .body = R"({"error":"ConcurrencyError","description":"busy"})"};
  const auto expect_cleanup_first = [&](const kube::Resource& resource, json::object object,
                                        const std::string& removal) {
    world.api.hold_events(true);
    object["status"].as_object()["orphanMitigationInProgress"] = true;
    world.api.put(World::of(resource), std::move(object));
    const std::string before = world.broker.story();
    ASSERT_TRUE(world.until([&] { return world.broker.story() != before; }, minutes(10)));
    EXPECT_TRUE(world.broker.story().substr(before.size()).starts_with(" " + removal))
        << world.broker.story();
    world.api.hold_events(false);
  };
  world.broker.plan("provision", {busy});
  world.create_instance();
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  expect_cleanup_first(resources::service_instances, *world.instance_now(), "deprovision");
  world.broker.plan("provision", {{.status = 201}});
  ASSERT_TRUE(world.until([&] { return ready(); }, minutes(30)));
  world.broker.plan("bind", {busy});
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "BindCallFailed"; }));
  expect_cleanup_first(resources::service_bindings, *world.binding_now(), "unbind");
}

// The status that gives the new id up was stored, and its answer was lost.
TEST_F(StaleStores, rotate_to_no_id_that_is_to_be_revoked) {
  make_ready();
  make_binding_ready();
  const Answer busy{.status = 422, .body = R"({"error":"ConcurrencyError","description":"busy"})"};
  world.broker.plan("bind", {busy, {.status = 201, .body = R"({"credentials":{"KEY":"new"}})"}});
  world.api.put(
      World::of(resources::service_bindings),
      patched(*world.binding_now(), R"({"metadata":{"annotations":{"servicecatalog.k8s.io/rotate":"1"}}})"));
  ASSERT_TRUE(world.until(
      [&] { return core::find(*world.binding_now(), {"status", "rotation", "retry"}) != nullptr; }));
  world.api.hold_events(true);
  json::object object = *world.binding_now();
  json::object& rotation = object["status"].as_object()["rotation"].as_object();
  const std::string given_up(core::find_string(rotation, {"next", "bindingID"}));
  rotation.erase("next");
  rotation["previous"] = json::array{
      {{"bindingID", given_up}, {"unbindTime", core::to_rfc3339(world.clock.system_now() - minutes(1))}}};
  world.api.put(World::of(resources::service_bindings), std::move(object));
  world.let_pass(minutes(1));
  world.api.hold_events(false);
  ASSERT_TRUE(world.until(
      [&] {
        return core::find_string(*world.binding_now(), {"status", "rotation", "request"}) == "1" &&
               core::find(*world.binding_now(), {"status", "rotation", "retry"}) == nullptr;
      },
      minutes(30)));
  world.let_pass(hours(2));
  const std::string current(core::find_string(*world.binding_now(), {"status", "rotation", "bindingID"}));
  EXPECT_NE(current, given_up);
  EXPECT_EQ(world.broker.things(), (std::set<std::string>{"instance-id", "instance-id/" + current}));
}

TEST_F(StaleStores, delete_no_instance_that_was_made_anew_while_its_deletion_was_repeated) {
  make_ready();
  world.broker.plan("deprovision", {broken});
  remove();
  ASSERT_TRUE(shows("DeprovisionCallFailed"));
  expect_the_new_instance_to_be_left_alone();
}

TEST_F(StaleStores, delete_no_instance_that_was_made_anew_while_an_orphan_was_removed) {
  world.broker.plan("provision", {broken, {.status = 201}});
  world.broker.plan("deprovision", {broken});
  world.create_instance();
  ASSERT_TRUE(shows("OrphanMitigationFailed"));
  expect_the_new_instance_to_be_left_alone();
}

// Also: it is there, and the store leaves it out because it cannot be read.
TEST_F(StaleStores, give_up_no_credentials_of_an_instance_that_they_do_not_know) {
  make_ready();
  make_binding_ready();
  world.broker.plan("unbind", {broken});
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "UnbindCallFailed"; }));
  const json::object instance = *world.instance_now();
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  world.api.hold_events(true);
  world.api.put(World::of(resources::service_instances), instance);
  for (int i = 0; i < 3; ++i) {
    world.api.fail_next_of("/serviceinstances/s3-bucket",
                           {.kind = core::ErrorKind::unavailable, .message = "connection refused"});
  }
  world.let_pass(minutes(1));
  EXPECT_NE(world.binding_now(), nullptr);
  world.broker.plan("unbind", {Answer{}});
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, minutes(10)));
  EXPECT_EQ(world.broker.things(), std::set<std::string>{"instance-id"});
}

TEST_F(StaleStores, revoke_no_credentials_of_a_binding_that_was_made_anew) {
  make_ready();
  make_binding_ready();
  world.broker.plan("unbind", {broken});
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "UnbindCallFailed"; }));
  make_anew_unseen(resources::service_bindings, "s3-binding");
  expect_no_more("unbind");
  world.api.hold_events(false);
  EXPECT_TRUE(world.until([&] { return binding_ready(); }));
  EXPECT_EQ(world.broker.things(), (std::set<std::string>{"instance-id", "instance-id/binding-id"}));
}

TEST_F(StaleStores, revoke_no_rotated_credentials_of_a_binding_that_was_made_anew) {
  make_ready();
  make_binding_ready(
      R"({"metadata":{"creationTimestamp":"2026-01-31T10:00:00Z"},"spec":{"rotation":{"interval":"1h","overlap":"1m"}}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") == 2; }, hours(2)));
  make_anew_unseen(resources::service_bindings, "s3-binding");
  world.api.erase("/api/v1/secrets", "s3-demo", "s3-binding");
  world.let_pass(minutes(5));
  EXPECT_EQ(world.broker.calls("unbind"), 0U) << "binding-id is that of the new object";
  world.api.hold_events(false);
  EXPECT_TRUE(world.until([&] { return binding_ready(); }));
  EXPECT_TRUE(world.broker.things().contains("instance-id/binding-id"));
}

TEST_F(StaleStores, delete_no_secret_that_somebody_else_took_over) {
  make_ready();
  make_binding_ready();
  world.faults.before_next("DELETE", "/secrets/", [this] {
    json::object taken = *world.secret_now();
    core::erase(taken, {"metadata", "ownerReferences"});
    world.api.put("/api/v1/secrets", std::move(taken));
  });
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return !world.binding_now(); }));
  EXPECT_NE(world.secret_now(), nullptr);
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
}

TEST_F(StaleStores, do_not_repeat_a_deletion_that_was_paused_or_is_gone) {
  make_ready();
  world.broker.plan("deprovision", {broken});
  remove();
  ASSERT_TRUE(shows("DeprovisionCallFailed"));
  world.api.hold_events(true);
  annotate(annotations::pause, "true");
  std::size_t before = world.broker.calls("deprovision");
  EXPECT_TRUE(world.until([&] { return world.reason(world.instance_now(), "Paused") == "Paused"; }))
      << "what the API server told is acted upon";
  EXPECT_EQ(world.broker.calls("deprovision"), before);
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  world.let_pass(minutes(1));
  EXPECT_EQ(world.broker.calls("deprovision"), before);
  world.api.hold_events(false);
}

}  // namespace
}  // namespace catalog
