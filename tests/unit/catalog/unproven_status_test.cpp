// A status that was restored from another object proves nothing: no credentials are handed out and nothing is
// deleted before the broker has confirmed that it has the instance for this object.
#include "instance_fixture.hpp"

namespace catalog {
namespace {

class UnprovenStatus : public InstanceTest {
 protected:
  void SetUp() override {
    InstanceTest::SetUp();
    offer(catalog_with(R"({"instances_retrievable":true})", "{}"));
    world.broker.plan("fetch_instance", {{.status = 404}});
    make_ready();
    world.create_binding();
    ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
    world.broker.plan("fetch_instance", {{.status = 200, .body = R"({"service_id":"class-id"})"}});
  }
  // Both objects are made anew with other uids and the status that they had.
  void restore() {
    world.api.hold_events(true);
    for (const auto& [resource, object] : {std::pair(resources::service_instances, *world.instance_now()),
                                           std::pair(resources::service_bindings, *world.binding_now())}) {
      json::object restored = object;
      world.api.erase(World::of(resource), std::string(kube::namespace_of(object)),
                      std::string(kube::name_of(object)));
      for (const char* member : {"uid", "resourceVersion"}) restored["metadata"].as_object().erase(member);
      world.api.put(World::of(resource), std::move(restored));
    }
    world.api.erase("/api/v1/secrets", "s3-demo", "s3-binding");
  }
  void refuse() {
    world.broker.plan("provision", {{.status = 409}});
    world.broker.plan("update", {{.status = 409}});
  }
  [[nodiscard]] std::size_t calls_for_credentials() {
    return world.broker.calls("bind") + world.broker.calls("fetch_binding");
  }
};

TEST_F(UnprovenStatus, hands_out_nothing_and_deletes_nothing_of_another_namespaces) {
  refuse();
  restore();
  const std::size_t before = calls_for_credentials();
  world.api.hold_events(false);
  ASSERT_TRUE(shows("ErrorAdoptingInstance"));
  world.let_pass(minutes(1));
  EXPECT_EQ(calls_for_credentials(), before);
  EXPECT_NE(world.reason(world.binding_now()), "InjectedBindResult");
  world.remove(resources::service_bindings, "s3-binding");
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }));
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  EXPECT_TRUE(world.has_event("LeftBehind"));
}

TEST_F(UnprovenStatus, is_confirmed_by_the_broker) {
  world.broker.plan("provision", {{.status = 200}});
  restore();
  world.api.hold_events(false);
  ASSERT_TRUE(world.until([&] { return ready() && world.broker.calls("provision") == 2; }));
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
  EXPECT_EQ(world.broker.calls("bind"), 1U) << "the credentials are the old ones";
  world.remove(resources::service_bindings, "s3-binding");
  remove();
  EXPECT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(UnprovenStatus, is_confirmed_before_a_deletion_that_comes_first) {
  world.broker.plan("update", {{.status = 200}});
  restore();
  world.remove(resources::service_bindings, "s3-binding");
  remove();
  world.api.hold_events(false);
  EXPECT_TRUE(gone(seconds(30)));
  EXPECT_EQ(core::find_string(sent("update"), {"context", "namespace"}), "s3-demo");
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST_F(UnprovenStatus, lets_a_deletion_that_comes_first_reach_no_other_namespace) {
  refuse();
  restore();
  world.remove(resources::service_bindings, "s3-binding");
  remove();
  world.api.hold_events(false);
  EXPECT_TRUE(gone(seconds(30)));
  EXPECT_TRUE(world.until([&] { return !world.binding_now(); }, seconds(30)));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  EXPECT_TRUE(world.has_event("LeftBehind"));
}

}  // namespace
}  // namespace catalog
