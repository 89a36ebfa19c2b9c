// One owner for an external id: two objects that came past admission (restored, made at the same moment, made
// while the webhook was down) never share what a broker has, and none destroys what the other uses.
#include "catalog/api/annotations.hpp"
#include "instance_fixture.hpp"

namespace catalog {
namespace {

using testing::HasSubstr;
using testing::Not;

class OneOwner : public InstanceTest {
 protected:
  void SetUp() override {
    InstanceTest::SetUp();
    world.api.put("/api/v1/namespaces", parse(R"({"metadata":{"name":"other","uid":"other-uid"}})"));
  }
  // Another instance or binding of the same external id.
  void create_second(const char* patch = "{}", const char* namespace_ = "other") {
    json::object object = patched(instance(patch), R"({"metadata":{"name":"copy","uid":"zz-second"}})");
    core::set(object, {"metadata", "namespace"}, json::string(namespace_));
    world.api.put(World::of(resources::service_instances), std::move(object));
  }
  [[nodiscard]] const json::object* second(const char* namespace_ = "other") const {
    return world.api.find(World::of(resources::service_instances), namespace_, "copy");
  }
  [[nodiscard]] bool second_waits() {
    return world.until([&] { return world.reason(second()) == "ExternalIDInUse"; });
  }
  void edit_second(std::string_view patch) {
    json::object changed = patched(*second(), patch);
    core::set(changed, {"metadata", "generation"}, kube::generation_of(changed) + 1);
    world.api.put(World::of(resources::service_instances), std::move(changed));
  }
  void remove_second() { edit_second(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})"); }
  void annotate_second_retained() {
    json::object object = *second();
    core::set(object, {"metadata", "annotations", annotations::retain}, json::string("true"));
    world.api.put(World::of(resources::service_instances), std::move(object));
  }
  [[nodiscard]] bool second_ready() {
    return world.until([&] { return second() && InstanceView(*second()).ready(); });
  }
};

TEST_F(OneOwner, lets_the_second_wait_and_makes_no_call_for_it) {
  make_ready();
  create_second();
  ASSERT_TRUE(second_waits());
  world.let_pass(hours(1));
  world.restart();
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.story(), "provision");
  EXPECT_TRUE(ready());
  EXPECT_THAT(world.message(second()), HasSubstr("instance-id"));
  EXPECT_THAT(world.message(second()), Not(HasSubstr("s3-demo")))
      << "who sees one namespace may not see another";
  EXPECT_THAT(world.message(second()), HasSubstr("--field-selector spec.externalID=instance-id"));
}

TEST_F(OneOwner, names_the_first_inside_its_namespace) {
  make_ready();
  create_second("{}", "s3-demo");
  ASSERT_TRUE(world.until([&] { return world.reason(second("s3-demo")) == "ExternalIDInUse"; }));
  EXPECT_THAT(world.message(second("s3-demo")), HasSubstr("the ServiceInstance \"s3-bucket\""));
}

TEST_F(OneOwner, is_not_told_of_the_seconds_deletion_whatever_its_annotations) {
  make_ready();
  for (const char* name : {"", "abandon", "retain", "cascade-deletion"}) {
    SCOPED_TRACE(name);
    create_second();
    ASSERT_TRUE(second_waits());
    if (*name != '\0')
      edit_second(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/)" + std::string(name) +
                  R"(":"true"}}})");
    remove_second();
    ASSERT_TRUE(world.until([&] { return !second(); }));
    world.let_pass(minutes(1));
    EXPECT_EQ(world.broker.story(), "provision");
    EXPECT_TRUE(ready());
    EXPECT_FALSE(world.has_event("Abandoned"));
    EXPECT_FALSE(world.has_event("Retained"));
  }
}

TEST_F(OneOwner, keeps_what_an_older_version_linked_twice) {
  make_ready();
  json::object status = *core::find_object(*world.instance_now(), {"status"});
  status.erase("handled");
  core::set(status, {"operationStartTime"}, "2026-01-31T10:00:00Z");
  create_second(R"({"metadata":{"creationTimestamp":"2026-01-31T11:00:00Z"}})");
  world.api.hold_events(true);
  json::object copy = *second();
  copy["status"] = status;
  world.api.put(World::of(resources::service_instances), std::move(copy));
  world.api.hold_events(false);
  ASSERT_TRUE(second_waits());
  EXPECT_TRUE(ready());
  remove_second();
  ASSERT_TRUE(world.until([&] { return !second(); }));
  EXPECT_EQ(world.broker.story(), "provision");
}

TEST_F(OneOwner, is_the_one_that_has_worked_with_the_broker_then_the_older_one) {
  // The younger of the two was first.
  make_ready(R"({"metadata":{"creationTimestamp":"2026-01-31T12:00:00Z"}})");
  create_second(R"({"metadata":{"creationTimestamp":"2026-01-31T09:00:00Z"}})");
  ASSERT_TRUE(second_waits());
  EXPECT_TRUE(ready());
  // Neither has, and both come at once.
  remove_second();
  remove();
  ASSERT_TRUE(world.until([&] { return !second() && !world.instance_now(); }));
  world.api.hold_events(true);
  world.create_instance(R"({"metadata":{"creationTimestamp":"2026-01-31T12:00:00Z"}})");
  create_second(R"({"metadata":{"creationTimestamp":"2026-01-31T09:00:00Z"}})");
  world.api.hold_events(false);
  ASSERT_TRUE(second_ready());
  EXPECT_EQ(world.reason(world.instance_now()), "ExternalIDInUse");
  EXPECT_EQ(world.broker.calls("provision"), 2U);
}

TEST_F(OneOwner, is_only_one_of_two_that_come_in_the_same_second) {
  for (bool first_told : {true, false}) {
    SCOPED_TRACE(first_told);
    World fresh;
    fresh.create_broker();
    ASSERT_TRUE(fresh.until([&] { return fresh.reason(fresh.broker_now()) == "FetchedCatalog"; }));
    fresh.broker.plan("provision", {accepted});
    fresh.broker.plan("last_operation", {in_progress, in_progress, succeeded});
    fresh.api.put("/api/v1/namespaces", parse(R"({"metadata":{"name":"other","uid":"other-uid"}})"));
    json::object one = instance(R"({"metadata":{"uid":"m-first"}})");
    json::object two = instance(R"({"metadata":{"name":"copy","namespace":"other","uid":"a-second"}})");
    // The second arrives while the intent of the first is being written.
    if (first_told) {
      fresh.faults.before_next("PATCH", "/serviceinstances/s3-bucket/status",
                               [&] { fresh.api.put(World::of(resources::service_instances), two); });
    }
    fresh.api.put(World::of(resources::service_instances), one);
    if (!first_told) fresh.api.put(World::of(resources::service_instances), two);
    fresh.let_pass(minutes(1));
    EXPECT_EQ(fresh.broker.calls("provision"), 1U);
    const json::object* other = fresh.api.find(World::of(resources::service_instances), "other", "copy");
    EXPECT_NE(InstanceView(*other).ready(), InstanceView(*fresh.instance_now()).ready());
  }
}

TEST_F(OneOwner, hands_over_when_it_is_gone) {
  for (const char* name : {"retain", "abandon"}) {
    SCOPED_TRACE(name);
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return InstanceView(*world.instance_now()).ready(); }));
    create_second();
    ASSERT_TRUE(second_waits());
    const std::size_t before = world.broker.calls("provision");
    annotate("servicecatalog.k8s.io/" + std::string(name), "true");
    remove();
    ASSERT_TRUE(gone());
    EXPECT_EQ(world.broker.calls("deprovision"), 0U);
    ASSERT_TRUE(second_ready()) << "at once, without a resync";
    EXPECT_EQ(world.broker.calls("provision"), before + 1) << "the broker is asked whether it may have it";
    annotate_second_retained();
    remove_second();
    ASSERT_TRUE(world.until([&] { return !second(); }));
  }
}

TEST_F(OneOwner, binds_nothing_of_the_second) {
  make_ready();
  create_second();
  ASSERT_TRUE(second_waits());
  json::object keys = patched(binding(), R"({"metadata":{"namespace":"other","name":"copy","uid":"copy-uid"},
    "spec":{"instanceRef":{"name":"copy"},"externalID":"copy-binding","secretName":"copy"}})");
  world.api.put(World::of(resources::service_bindings), keys);
  auto now = [&] { return world.api.find(World::of(resources::service_bindings), "other", "copy"); };
  ASSERT_TRUE(world.until([&] { return world.reason(now()) == "ErrorInstanceNotReady"; }));
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("bind"), 0U);
  EXPECT_EQ(world.api.find("/api/v1/secrets", "other", "copy"), nullptr);
  world.api.put(
      World::of(resources::service_bindings),
      patched(*now(), R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z","generation":2}})"));
  EXPECT_TRUE(world.until([&] { return !now(); }));
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
}

TEST_F(OneOwner, of_a_bindings_id_is_one_binding) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
  auto put_copy = [&](std::string_view patch) {
    json::object copy =
        patched(binding(), R"({"metadata":{"name":"copy","uid":"copy-uid"},"spec":{"secretName":"copy"}})");
    world.api.put(World::of(resources::service_bindings), patched(std::move(copy), patch));
  };
  auto copy = [&] { return world.api.find(World::of(resources::service_bindings), "s3-demo", "copy"); };
  put_copy("{}");
  ASSERT_TRUE(world.until([&] { return world.reason(copy()) == "ExternalIDInUse"; }));
  EXPECT_THAT(world.message(copy()), HasSubstr("the ServiceBinding \"s3-binding\""));
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.story(), "provision bind");
  EXPECT_EQ(world.secret_now("copy"), nullptr);
  for (const char* annotated :
       {"{}", R"({"metadata":{"annotations":{"servicecatalog.k8s.io/abandon":"true"}}})"}) {
    put_copy(annotated);
    ASSERT_TRUE(world.until([&] { return world.reason(copy()) == "ExternalIDInUse"; }));
    world.remove(resources::service_bindings, "copy");
    ASSERT_TRUE(world.until([&] { return !copy(); }));
  }
  EXPECT_EQ(world.broker.calls("unbind"), 0U);
  EXPECT_NE(world.secret_now(), nullptr);
  EXPECT_EQ(world.reason(world.binding_now()), "InjectedBindResult");
  // It takes over when the first is gone.
  put_copy("{}");
  ASSERT_TRUE(world.until([&] { return world.reason(copy()) == "ExternalIDInUse"; }));
  world.remove(resources::service_bindings, "s3-binding");
  ASSERT_TRUE(world.until([&] { return copy() && world.reason(copy()) == "InjectedBindResult"; }));
  EXPECT_EQ(world.broker.calls("unbind"), 1U);
  EXPECT_EQ(world.broker.calls("bind"), 2U);
}

TEST_F(OneOwner, of_rotated_credentials_is_the_binding_that_rotated_them) {
  make_ready();
  world.create_binding(
      R"({"metadata":{"creationTimestamp":"2026-01-31T10:00:00Z"},"spec":{"rotation":{"interval":"1h","overlap":"1m"}}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("bind") == 2; }, hours(2)));
  std::string rotated(core::find_string(*world.binding_now(), {"status", "rotation", "bindingID"}));
  ASSERT_FALSE(rotated.empty());
  json::object thief = patched(
      binding(), R"({"metadata":{"name":"thief","uid":"aa","creationTimestamp":"2026-01-31T09:00:00Z"},
    "spec":{"secretName":"thief","externalID":")" +
                     rotated + R"("}})");
  world.api.put(World::of(resources::service_bindings), thief);
  auto now = [&] { return world.api.find(World::of(resources::service_bindings), "s3-demo", "thief"); };
  ASSERT_TRUE(world.until([&] { return world.reason(now()) == "ExternalIDInUse"; }));
  world.remove(resources::service_bindings, "thief");
  ASSERT_TRUE(world.until([&] { return !now(); }));
  EXPECT_TRUE(world.broker.things().contains("instance-id/" + rotated));
}

TEST_F(OneOwner, is_asked_for_before_anything_is_let_go_of) {
  make_ready();
  create_second();
  ASSERT_TRUE(second_waits());
  // The store still has the first, which is gone, and the second was never told.
  world.api.hold_events(true);
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  world.let_pass(minutes(1));
  world.api.hold_events(false);
  EXPECT_TRUE(second_ready());
}

// Another cluster's, or one that nobody has in this cluster any more.
class Handover : public OneOwner {
 protected:
  void SetUp() override {
    OneOwner::SetUp();
    offer(catalog_with(R"({"instances_retrievable":true})", "{}"));
    world.broker.plan("fetch_instance",
                      {{.status = 200, .body = R"({"service_id":"class-id","plan_id":"plan-id"})"}});
  }
};

TEST_F(Handover, tells_the_broker_whose_it_was) {
  world.broker.plan("provision", {{.status = 202, .body = R"({"operation":"move"})"}});
  world.create_instance(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":"shop"}}})");
  ASSERT_TRUE(world.until([&] { return InstanceView(*world.instance_now()).ready(); }));
  EXPECT_EQ(*core::find_object(sent("provision"), {"context", "adopted_from"}),
            parse(R"({"namespace":"shop","clusterid":"cluster-uuid"})"));
  edit(R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(shows("InstanceUpdatedSuccessfully"));
  EXPECT_EQ(core::find(sent("update"), {"context", "adopted_from"}), nullptr);
}

TEST_F(Handover, names_another_cluster) {
  world.broker.plan("provision", {{.status = 200}});
  world.create_instance(
      R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":"cluster-7/shop"}}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(*core::find_object(sent("provision"), {"context", "adopted_from"}),
            parse(R"({"namespace":"shop","clusterid":"cluster-7"})"));
}

TEST_F(Handover, that_the_broker_refuses_says_how_to_go_on_and_deletes_nothing) {
  world.broker.plan("provision", {{.status = 409}});
  world.broker.plan("update", {{.status = 400, .body = R"({"description":"it belongs to somebody else"})"}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorAdoptingInstance"));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("servicecatalog.k8s.io/adopt-from=<namespace>"));
  EXPECT_THAT(world.message(world.instance_now()), HasSubstr("it belongs to somebody else"));
  EXPECT_EQ(world.broker.story(), "fetch_instance provision update");
  edit(R"({"spec":{"parameters":{"Size":3}}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 2; }));
  world.let_pass(seconds(1));
  remove();
  ASSERT_TRUE(gone());
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
}

TEST_F(Handover, from_another_namespace_is_never_tried_by_an_update) {
  world.broker.plan("provision", {{.status = 409}});
  world.create_instance(R"({"metadata":{"annotations":{"servicecatalog.k8s.io/adopt-from":"shop"}}})");
  ASSERT_TRUE(shows("ErrorAdoptingInstance"));
  EXPECT_EQ(world.broker.calls("update"), 0U);
}

TEST_F(Handover, is_tried_again_when_the_annotation_comes_after_the_failure) {
  world.broker.plan("provision", {{.status = 409}});
  world.broker.plan("update", {{.status = 400}});
  world.create_instance();
  ASSERT_TRUE(shows("ErrorAdoptingInstance"));
  world.let_pass(minutes(10));
  world.broker.plan("provision", {{.status = 200}});
  annotate("somebody.example.com/else", "shop");
  world.let_pass(minutes(10));
  EXPECT_EQ(world.broker.calls("provision"), 1U);
  annotate("servicecatalog.k8s.io/adopt-from", "shop");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_EQ(core::find_string(sent("provision"), {"context", "adopted_from", "namespace"}), "shop");
}

TEST_F(Handover, that_fails_is_no_orphan) {
  for (const Answer& answer : {Answer{.status = 500}, Answer{.hangs = true}}) {
    SCOPED_TRACE(answer.status);
    world.broker.plan("provision", {answer});
    world.create_instance();
    ASSERT_TRUE(world.until([&] { return world.reason(world.instance_now()) == "ErrorAdoptingInstance"; },
                            minutes(3)));
    world.let_pass(hours(1));
    EXPECT_EQ(world.broker.calls("deprovision"), 0U);
    remove();
    ASSERT_TRUE(gone(seconds(120))) << "after the call under way";
    EXPECT_EQ(world.broker.calls("deprovision"), 0U) << "nobody has said that it is this object's";
  }
}

TEST_F(Handover, that_the_broker_began_and_failed_is_no_orphan_either) {
  world.broker.plan("provision", {accepted});
  world.broker.plan("last_operation", {{.body = R"({"state":"failed","description":"the tags"})"}});
  world.create_instance();
  ASSERT_TRUE(shows("ProvisionCallFailed"));
  world.let_pass(hours(1));
  EXPECT_EQ(world.broker.calls("deprovision"), 0U);
  edit(R"({"spec":{"updateRequests":1}})");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("provision") == 2; }));
}

}  // namespace
}  // namespace catalog
