#include "simulation/checks/cluster.hpp"

#include "catalog/api/resources.hpp"

namespace simulation {

namespace {

async::Task<std::vector<json::object>> list(kube::Client& client, async::Clock& clock,
                                            kube::Resource resource) {
  while (true) {
    auto listed = co_await client.list(resource, "");
    if (listed) co_return std::move(listed->items);
    co_await clock.sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

async::Task<> read_cluster(kube::Client& client, async::Clock& clock, Cluster& into) {
  using namespace catalog;
  into.brokers = co_await list(client, clock, catalog::resources::cluster_service_brokers);
  into.classes = co_await list(client, clock, catalog::resources::cluster_service_classes);
  into.plans = co_await list(client, clock, catalog::resources::cluster_service_plans);
  into.instances = co_await list(client, clock, catalog::resources::service_instances);
  into.bindings = co_await list(client, clock, catalog::resources::service_bindings);
  into.events = co_await list(client, clock, kube::resources::events);
  into.secrets.clear();
  for (json::object& secret : co_await list(client, clock, kube::resources::secrets)) {
    const kube::ObjectKey key = kube::key_of(secret);
    into.secrets[key] = std::move(secret);
  }
}

Condition condition_of(const json::object& object, std::string_view type) {
  const json::value* conditions = core::find(object, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return {};
  for (const json::value& each : conditions->get_array()) {
    if (core::find_string(each, {"type"}) != type) continue;
    return {.status = std::string(core::find_string(each, {"status"})),
            .reason = std::string(core::find_string(each, {"reason"})),
            .message = std::string(core::find_string(each, {"message"}))};
  }
  return {};
}

bool is_ready(const json::object& object) {
  return condition_of(object, "Ready").status == "True";
}

std::string describe(const json::object& object) {
  const Condition ready = condition_of(object, "Ready");
  return std::string(core::find_string(object, {"kind"})) + " " + kube::key_of(object).to_string() +
         (kube::is_being_deleted(object) ? ", being deleted" : "") + " (Ready=" + ready.status + " " +
         ready.reason + ": " + ready.message + ")";
}

}  // namespace simulation
