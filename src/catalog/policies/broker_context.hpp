// What brokers are told of where an instance or a binding lives. Pure. Source: Open Service Broker API
// Profile, "Kubernetes Context Object".
#pragma once

#include <string_view>

#include "core/json.hpp"

namespace catalog {

namespace json = boost::json;

// Annotations are told but for those that say something to the catalog, and kubectl's own copy of the object.
[[nodiscard]] json::object context_of_instance(const json::object& instance, const json::object& namespace_,
                                               std::string_view cluster_id);
[[nodiscard]] json::object context_of_binding(const json::object& binding, std::string_view cluster_id);

}  // namespace catalog
