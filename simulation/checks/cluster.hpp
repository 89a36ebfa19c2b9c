// Everything of a cluster that the checks look at, read at one time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "kube/client.hpp"

namespace simulation {

namespace json = boost::json;

struct Cluster {
  std::vector<json::object> brokers, classes, plans, instances, bindings;
  std::map<kube::ObjectKey, json::object> secrets;
  std::vector<json::object> events;
};

// Tries until it has read all.
[[nodiscard]] async::Task<> read_cluster(kube::Client& client, async::Clock& clock, Cluster& into);

struct Condition {
  std::string status, reason, message;
};
// Empty texts where there is none of that type.
[[nodiscard]] Condition condition_of(const json::object& object, std::string_view type);
[[nodiscard]] bool is_ready(const json::object& object);
[[nodiscard]] std::string describe(
    const json::object& object);  // "instance team-a/i1 (Ready=False Reason: message)"

}  // namespace simulation
