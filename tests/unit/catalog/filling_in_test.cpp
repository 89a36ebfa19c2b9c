// What was filled in once stays: through updates that leave it out (admission), and in objects that came past
// admission (controllers).
#include "admission_requests.hpp"
#include "catalog/admission/admission.hpp"
#include "instance_fixture.hpp"
#include "testing/run.hpp"

namespace catalog {
namespace {

using admission::EmptyCluster;
using admission::Operation;
using admission::Request;

// A cluster with the class s3.
class WithClass final : public EmptyCluster {
 public:
  async::Task<core::Result<std::vector<json::object>>> find_by_field(kube::Resource, std::string, std::string,
                                                                     std::string) override {
    co_return std::vector{s3_class()};
  }
  async::Task<core::Result<std::vector<json::object>>> plans_of_class(const Scope&, std::string,
                                                                      std::string) override {
    co_return plans;
  }
  std::vector<json::object> plans{plan("production", "plan-id")};
};

json::object admitted(Request request, WithClass& cluster) {
  boost::asio::io_context io;
  core::Result<json::object> result = fakes::run(io, admission::admit(std::move(request), cluster));
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : json::object();
}

Request replace(const kube::Resource& resource, const json::object& before, json::object after) {
  return {.resource = resource,
          .subresource = {},
          .operation = Operation::update,
          .key = kube::key_of(before),
          .object = std::move(after),
          .old_object = before,
          .user = {.username = "bob", .uid = "8", .groups = {}, .extra = {}}};
}

struct Case {
  const kube::Resource* resource;
  const char* manifest;
};
const Case cases[]{
    {&resources::service_instances, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceInstance",
      "metadata":{"name":"queue","namespace":"shop"},
      "spec":{"clusterServiceClassExternalName":"s3","parameters":{"Size":5}}})"},
    {&resources::service_instances, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceInstance",
      "metadata":{"name":"queue","namespace":"shop"},
      "spec":{"clusterServiceClassExternalName":"s3","clusterServicePlanExternalName":"production"}})"},
    {&resources::service_bindings, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceBinding",
      "metadata":{"name":"keys","namespace":"shop"},"spec":{"instanceRef":{"name":"queue"}}})"},
    {&resources::cluster_service_brokers, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1",
      "kind":"ClusterServiceBroker","metadata":{"name":"aws"},"spec":{"url":"https://aws.example.com"}})"},
    {&resources::service_brokers, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServiceBroker",
      "metadata":{"name":"aws","namespace":"shop"},"spec":{"url":"https://aws.example.com"}})"},
    {&resources::cluster_service_classes, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1",
      "kind":"ClusterServiceClass","metadata":{"name":"s3"},
      "spec":{"externalName":"s3","externalID":"s3","clusterServiceBrokerName":"aws"}})"},
    {&resources::service_plans, R"({"apiVersion":"servicecatalog.k8s.io/v1beta1","kind":"ServicePlan",
      "metadata":{"name":"p","namespace":"shop"},
      "spec":{"externalName":"p","externalID":"p","serviceBrokerName":"aws","serviceClassRef":{"name":"s3"}}})"},
};

TEST(FillingIn, makes_a_replace_with_the_original_manifest_no_change) {
  for (const Case& each : cases) {
    SCOPED_TRACE(each.manifest);
    WithClass cluster;
    json::object stored = admitted(admission::create(*each.resource, parse(each.manifest)), cluster);
    core::set(stored, {"metadata", "uid"}, "uid");
    core::set(stored, {"metadata", "resourceVersion"}, "8");
    json::object status = parse(
        R"({"provisionStatus":"Provisioned","deprovisionStatus":"Required","unbindStatus":"Required"})");
    stored["status"] = status;
    json::object manifest = parse(each.manifest);
    // As the API server completes it.
    core::set(manifest, {"metadata", "uid"}, "uid");
    core::set(manifest, {"metadata", "resourceVersion"}, "8");
    manifest["status"] = status;
    // There are more plans by now, the stored one stays.
    cluster.plans.push_back(plan("custom", "other-id"));
    EXPECT_EQ(admitted(replace(*each.resource, stored, manifest), cluster), stored);
  }
}

TEST(FillingIn, keeps_the_finalizer_whoever_takes_it_away) {
  for (const Case& each : cases) {
    if (each.resource == &resources::cluster_service_classes || each.resource == &resources::service_plans)
      continue;
    SCOPED_TRACE(each.manifest);
    WithClass cluster;
    json::object stored = admitted(admission::create(*each.resource, parse(each.manifest)), cluster);
    for (const char* patch : {R"({"metadata":{"finalizers":null}})", R"({"metadata":{"finalizers":[]}})",
                              R"({"metadata":{"finalizers":["example.com/other"]}})"}) {
      json::object after = admitted(replace(*each.resource, stored, patched(stored, patch)), cluster);
      EXPECT_TRUE(kube::has_finalizer(after, finalizer)) << patch;
    }
  }
}

TEST(FillingIn, keeps_the_finalizer_of_a_deleted_object_while_something_is_at_the_broker) {
  struct {
    const char* sentence;
    const char* before;
    const char* after;
    bool kept;
  } table[]{
      {"nothing was ever asked for", R"({})", "{}", false},
      {"the broker refused it", R"({"status":{"deprovisionStatus":"NotRequired"}})", "{}", false},
      {"the broker has deleted it", R"({"status":{"deprovisionStatus":"Succeeded"}})", "{}", false},
      {"the broker has it", R"({"status":{"deprovisionStatus":"Required"}})", "{}", true},
      {"its deletion was given up", R"({"status":{"deprovisionStatus":"Failed"}})", "{}", true},
      {"it was abandoned",
       R"({"metadata":{"annotations":{"servicecatalog.k8s.io/abandon":"true"}},"status":{"deprovisionStatus":"Required"}})",
       "{}", false},
      {"it is retained",
       R"({"metadata":{"annotations":{"servicecatalog.k8s.io/retain":"true"}},"status":{"deprovisionStatus":"Required"}})",
       "{}", false},
      {"it was retained",
       R"({"metadata":{"annotations":{"servicecatalog.k8s.io/retain":"true"}},"status":{"deprovisionStatus":"Required"}})",
       R"({"metadata":{"annotations":null}})", true},
  };
  for (const auto& each : table) {
    SCOPED_TRACE(each.sentence);
    WithClass cluster;
    json::object before =
        patched(instance(R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"}})"), each.before);
    json::object after = patched(patched(before, R"({"metadata":{"finalizers":null}})"), each.after);
    json::object result = admitted(replace(resources::service_instances, before, after), cluster);
    EXPECT_EQ(kube::has_finalizer(result, finalizer), each.kept);
    EXPECT_EQ(ObjectView(result).spec(), ObjectView(before).spec());
  }
  WithClass cluster;
  json::object bound = binding(
      R"({"metadata":{"deletionTimestamp":"2026-01-31T10:00:00Z"},"status":{"unbindStatus":"Required"}})");
  json::object after = patched(bound, R"({"metadata":{"finalizers":null},"spec":{"externalID":null}})");
  EXPECT_EQ(admitted(replace(resources::service_bindings, bound, after), cluster), bound);
  // The API server takes no finalizer that a deleted object has not had.
  json::object released = patched(bound, R"({"metadata":{"finalizers":["example.com/other"]}})");
  EXPECT_EQ(admitted(replace(resources::service_bindings, released, released), cluster), released);
}

TEST(FillingIn, lets_the_user_who_changes_something_be_the_one_who_asked) {
  WithClass cluster;
  json::object stored =
      admitted(admission::create(resources::service_instances, parse(cases[0].manifest)), cluster);
  json::object manifest = patched(parse(cases[0].manifest), R"({"spec":{"parameters":{"Size":6}}})");
  json::object after = admitted(replace(resources::service_instances, stored, manifest), cluster);
  EXPECT_EQ(core::find_string(after, {"spec", "userInfo", "username"}), "bob");
  EXPECT_EQ(core::find_string(after, {"spec", "externalID"}),
            core::find_string(stored, {"spec", "externalID"}));
}

// Objects that came past admission, which was down.
class PastAdmission : public InstanceTest {};

TEST_F(PastAdmission, get_what_they_lack) {
  world.create_instance(R"({"metadata":{"finalizers":null},"spec":{"externalID":null}})");
  ASSERT_TRUE(world.until([&] { return ready(); }));
  EXPECT_TRUE(kube::has_finalizer(*world.instance_now(), finalizer));
  std::string id(core::find_string(*world.instance_now(), {"spec", "externalID"}));
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(world.broker.things(), std::set<std::string>{id});
  world.create_binding(R"({"metadata":{"finalizers":["example.com/other"]},"spec":{"externalID":null}})");
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
  EXPECT_TRUE(kube::has_finalizer(*world.binding_now(), finalizer));
  EXPECT_TRUE(kube::has_finalizer(*world.binding_now(), "example.com/other"));
}

TEST_F(PastAdmission, keep_the_id_that_the_broker_knows) {
  make_ready();
  edit(R"({"metadata":{"finalizers":null},"spec":{"externalID":null}})");
  ASSERT_TRUE(world.until([&] { return kube::has_finalizer(*world.instance_now(), finalizer); }));
  EXPECT_EQ(core::find_string(*world.instance_now(), {"spec", "externalID"}), "instance-id");
  world.let_pass(seconds(1));
  remove();
  ASSERT_TRUE(gone());
  EXPECT_TRUE(world.broker.things().empty());
  EXPECT_EQ(world.broker.calls("provision"), 1U);
}

TEST_F(PastAdmission, get_the_finalizer_of_a_broker) {
  world.edit(resources::cluster_service_brokers, "aws", R"({"metadata":{"finalizers":null}})");
  EXPECT_TRUE(world.until([&] { return kube::has_finalizer(*world.broker_now(), finalizer); }));
}

TEST_F(PastAdmission, are_not_gone_without_a_word) {
  make_ready();
  world.api.hold_events(true);
  edit(R"({"metadata":{"finalizers":null}})");
  world.api.erase(World::of(resources::service_instances), "s3-demo", "s3-bucket");
  world.api.hold_events(false);
  EXPECT_TRUE(world.until([&] { return world.has_event("LeftBehind"); }));
}

TEST_F(PastAdmission, are_released_only_when_status_says_that_nothing_is_left) {
  make_ready();
  world.create_binding();
  ASSERT_TRUE(world.until([&] { return world.reason(world.binding_now()) == "InjectedBindResult"; }));
  int seen = 0;
  // As the API server asks admission.
  for (const char* target : {"/servicebindings/s3-binding", "/serviceinstances/s3-bucket"}) {
    bool is_instance = std::string_view(target).contains("instances");
    const kube::Resource& resource = is_instance ? resources::service_instances : resources::service_bindings;
    world.remove(resource, is_instance ? "s3-bucket" : "s3-binding");
    ASSERT_TRUE(world.until([&] { return !(is_instance ? world.instance_now() : world.binding_now()); }));
    std::string last_status;
    for (const net::Request& request : world.api.requests()) {
      if (request.method != "PATCH" || !request.target.contains(target)) continue;
      if (request.target.contains("/status")) last_status = request.body;
      if (request.body.contains("\"finalizers\":[]")) {
        ++seen;
        EXPECT_TRUE(last_status.contains("\"Succeeded\"")) << last_status;
      }
    }
  }
  EXPECT_EQ(seen, 2);
  EXPECT_FALSE(world.has_event("LeftBehind"));
}

}  // namespace
}  // namespace catalog
