// Objects that service-catalog v0.3.1 left behind, in every state, taken over in place (tests/data/v0.3.1).
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/yaml.hpp"
#include "testing/source_dir.hpp"
#include "world.hpp"

namespace catalog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

json::value stored(const std::string& file) {
  core::Result<std::string> text = core::read_file(fakes::source_path("tests/data/v0.3.1/" + file));
  if (!text) throw std::runtime_error(text.error().message);
  return core::parse_yaml(*text).value();
}

// A cluster that v0.3.1 has left, under the new controllers.
class Takeover {
 public:
  Takeover() {
    world.broker.plan("catalog", {{.body = core::to_text(stored("catalog.json"))}});
    world.api.put("/api/v1/namespaces", parse(R"({"metadata":{"name":"shop","uid":"namespace-uid"}})"));
    for (const char* file : {"brokers.yaml", "classes_and_plans.yaml"}) load(file);
  }

  // The objects of a file: all, or the one of that name. Operations under way were begun a minute ago.
  void load(const std::string& file, std::string_view only = {}) {
    json::value list = stored(file);
    for (json::value& item : list.as_object()["items"].as_array()) {
      json::object& object = item.as_object();
      if (!only.empty() && kube::name_of(object) != only) continue;
      if (core::find(object, {"status", "operationStartTime"})) {
        core::set(object, {"status", "operationStartTime"},
                  json::string(core::to_rfc3339(world.clock.system_now() - minutes(1))));
      }
      world.api.put(collection_of(core::find_string(object, {"kind"})), object);
    }
  }
  static std::string collection_of(std::string_view kind) {
    if (kind == "Secret") return "/api/v1/secrets";
    for (const kube::Resource* resource :
         {&resources::cluster_service_brokers, &resources::service_brokers,
          &resources::cluster_service_classes, &resources::service_classes, &resources::cluster_service_plans,
          &resources::service_plans, &resources::service_instances, &resources::service_bindings}) {
      if (resource->kind == kind) return World::of(*resource);
    }
    throw std::runtime_error("no such kind");
  }

  [[nodiscard]] const json::object* object(const kube::Resource& resource, const std::string& name) const {
    return world.api.find(World::of(resource), "shop", name);
  }
  [[nodiscard]] bool ready(const json::object* object) const {
    return object && OperatedView(*object).ready();
  }
  // "provision 1, last_operation 2": what the broker was asked, the catalog aside.
  [[nodiscard]] std::string asked() const {
    std::string text;
    for (const char* call : {"provision", "update", "deprovision", "bind", "unbind", "last_operation"}) {
      if (std::size_t calls = world.broker.calls(call); calls > 0)
        text += (text.empty() ? "" : ", ") + std::string(call) + " " + std::to_string(calls);
    }
    return text;
  }

  World world;
};

class Migration : public testing::Test, protected Takeover {};

TEST_F(Migration, keeps_classes_and_plans_under_their_names_and_writes_none_of_them) {
  ASSERT_TRUE(world.until([&] { return world.broker.calls("catalog") == 2; }));
  world.let_pass(minutes(1));
  EXPECT_EQ(world.api.count(World::of(resources::cluster_service_plans)), 2U);
  EXPECT_EQ(world.api.count(World::of(resources::service_plans)), 2U);
  EXPECT_EQ(world.writes("clusterserviceclasses") + world.writes("clusterserviceplans"), 0U);
  EXPECT_EQ(world.writes("/serviceclasses") + world.writes("/serviceplans"), 0U);
}

struct Case {
  const char* state;
  const char* asked;
  enum { becomes_ready, stays_failed, goes } end;
};

// The object of that state has been loaded: it comes to its end, and nothing but `asked` is asked of the
// broker.
void expect_end(Takeover& fresh, const kube::Resource& resource, const Case& c) {
  auto now = [&] { return fresh.object(resource, c.state); };
  auto ended = [&] {
    if (c.end == Case::goes) return now() == nullptr;
    return c.end == Case::stays_failed ? OperatedView(*now()).failed() : fresh.ready(now());
  };
  EXPECT_TRUE(fresh.world.until(ended, minutes(5))) << c.state << ": " << fresh.world.message(now());
  fresh.world.let_pass(minutes(10));
  EXPECT_TRUE(ended()) << c.state;
  EXPECT_EQ(fresh.asked(), c.asked) << c.state;
}

TEST(MigrationOfInstances, makes_none_again) {
  for (const Case& c : {
           Case{"ready", "", Case::becomes_ready},
           Case{"ready-in-namespace", "", Case::becomes_ready},
           Case{"never-looked-at", "provision 1", Case::becomes_ready},
           // The request may have got lost: it is sent again, for the same id.
           Case{"provision-in-flight", "provision 1", Case::becomes_ready},
           Case{"provisioning", "last_operation 1", Case::becomes_ready},
           Case{"provision-failed", "", Case::stays_failed},
           Case{"mitigating-orphan", "provision 1, deprovision 1", Case::becomes_ready},
           Case{"mitigating-orphan-asynchronously", "provision 1, last_operation 1", Case::becomes_ready},
           Case{"update-in-flight", "update 1", Case::becomes_ready},
           Case{"updating", "last_operation 1", Case::becomes_ready},
           Case{"deleted-and-waiting", "deprovision 1", Case::goes},
           Case{"deprovision-in-flight", "deprovision 1", Case::goes},
           Case{"deprovisioning", "last_operation 1", Case::goes},
       }) {
    Takeover fresh;
    fresh.load("instances.yaml", c.state);
    expect_end(fresh, resources::service_instances, c);
  }
}

TEST_F(Migration, repeats_a_request_in_flight_for_the_same_instance) {
  load("instances.yaml", "provision-in-flight");
  ASSERT_TRUE(
      world.until([&] { return ready(object(resources::service_instances, "provision-in-flight")); }));
  const net::Request& request = world.broker.last("provision");
  EXPECT_EQ(request.path(), "/v2/service_instances/id-of-provision-in-flight");
  EXPECT_EQ(core::find_string(core::parse_json(request.body).value(), {"plan_id"}),
            "86064792-7ea2-467b-af93-ac9694d96d5b");
}

TEST_F(Migration, polls_the_operation_that_v031_began) {
  load("instances.yaml", "provisioning");
  ASSERT_TRUE(world.until([&] { return world.broker.calls("last_operation") > 0; }));
  EXPECT_NE(world.broker.last("last_operation").target.find("operation=task-7"), std::string::npos);
}

TEST_F(Migration, updates_what_v031_made_when_it_is_edited_and_then_only_what_changed) {
  load("instances.yaml", "ready");
  world.let_pass(seconds(10));
  json::object edited = patched(*object(resources::service_instances, "ready"),
                                R"({"metadata":{"generation":2},"spec":{"updateRequests":1}})");
  world.api.put(World::of(resources::service_instances), edited);
  ASSERT_TRUE(world.until([&] { return world.broker.calls("update") == 1; }));
  json::value body = core::parse_json(world.broker.last("update").body).value();
  EXPECT_EQ(core::find(body, {"parameters"}), nullptr);
  EXPECT_EQ(core::find(body, {"plan_id"}), nullptr);
}

TEST_F(Migration, deletes_what_v031_gave_up_deleting_once_it_is_told_to_try_again) {
  load("instances.yaml", "deprovision-failed");
  world.let_pass(seconds(10));
  if (const json::object* stuck = object(resources::service_instances, "deprovision-failed")) {
    world.api.put(World::of(resources::service_instances),
                  patched(*stuck, R"({"metadata":{"generation":3},"spec":{"updateRequests":1}})"));
  }
  EXPECT_TRUE(world.until([&] { return !object(resources::service_instances, "deprovision-failed"); }));
  EXPECT_EQ(world.broker.calls("deprovision"), 1U);
}

TEST(MigrationOfBindings, makes_none_again) {
  for (const Case& c : {
           Case{"bound", "", Case::becomes_ready},
           Case{"never-looked-at", "bind 1", Case::becomes_ready},
           Case{"bind-in-flight", "bind 1", Case::becomes_ready},
           Case{"binding", "last_operation 1", Case::becomes_ready},
           Case{"bind-failed", "", Case::stays_failed},
           Case{"deleted-and-waiting", "unbind 1", Case::goes},
           Case{"unbind-in-flight", "unbind 1", Case::goes},
           Case{"unbinding", "last_operation 1", Case::goes},
       }) {
    Takeover fresh;
    fresh.load("instances.yaml", "ready");
    fresh.load("secrets.yaml");
    fresh.load("bindings.yaml", c.state);
    expect_end(fresh, resources::service_bindings, c);
  }
}

TEST_F(Migration, revokes_what_v031_was_about_to_revoke) {
  load("instances.yaml", "ready");
  load("bindings.yaml", "mitigating-orphan");
  EXPECT_TRUE(world.until([&] { return world.broker.calls("unbind") == 1; }));
  EXPECT_EQ(world.broker.last("unbind").path(),
            "/v2/service_instances/id-of-ready/service_bindings/id-of-mitigating-orphan");
}

TEST_F(Migration, leaves_the_secret_of_a_binding_as_it_is) {
  load("instances.yaml", "ready");
  load("secrets.yaml");
  load("bindings.yaml", "bound");
  const json::object before = *world.api.find("/api/v1/secrets", "shop", "bound");
  world.let_pass(minutes(10));
  const json::object* after = world.api.find("/api/v1/secrets", "shop", "bound");
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(*core::find_object(*after, {"data"}), *core::find_object(before, {"data"}));
}

}  // namespace
}  // namespace catalog
