// Where the administrator has the broker work, beside its own account and region. What users may choose
// besides is not known. Pure.
#pragma once

#include <vector>

#include "broker/broker_options.hpp"

namespace broker {

// The roles of the role bindings, then of the overrides of target_role_name; each once by the broker itself
// and by each keys that it is taken with, with a region that it is taken for ("" for the broker's own).
[[nodiscard]] std::vector<Placement> target_roles(const BrokerOptions& options);

// Where something may be that no record tells of: the broker's own place, then the regions and roles of the
// role bindings, and the regions, roles and keys of the overrides; each once.
[[nodiscard]] std::vector<Placement> places_to_search(const BrokerOptions& options);

// A role there, or its keys, are refused, maybe for good: that must not keep what has no record from being
// forgotten.
[[nodiscard]] bool is_closed(const Placement& place, const core::Error& error);

}  // namespace broker
