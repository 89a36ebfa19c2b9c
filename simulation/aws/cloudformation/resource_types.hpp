// What this model knows of resource types, written from the template reference of the documentation: which
// properties cannot be changed in place, which types hold data, how their resources are named.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"

namespace simulation {

enum class Difference { none, in_place, replacement };
[[nodiscard]] Difference difference_of(std::string_view type, const core::json::object& before,
                                       const core::json::object& after);

// Whether data is lost with the resource. `properties`: a replica's or a cluster member's is elsewhere.
[[nodiscard]] bool holds_data(std::string_view type, const core::json::object& properties);
// Types that DeletionPolicy: Snapshot is for.
[[nodiscard]] bool has_snapshots(std::string_view type);
// The policy of a resource that names none.
[[nodiscard]] std::string default_deletion_policy(std::string_view type,
                                                  const core::json::object& properties);
// The property that gives a resource its physical name; "" where there is none.
[[nodiscard]] std::string_view name_property(std::string_view type);
// "rds" of AWS::RDS::DBInstance.
[[nodiscard]] std::string service_of(std::string_view type);
[[nodiscard]] bool is_custom(std::string_view type);

}  // namespace simulation
