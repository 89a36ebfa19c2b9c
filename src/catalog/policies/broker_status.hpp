// A broker's status, and when its catalog is due. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/api/views.hpp"
#include "catalog/policies/problem.hpp"

namespace catalog::broker_status {

struct Due {
  bool now = false;
  std::optional<std::chrono::milliseconds> in;  // where not now; absent: only when the spec changes
};
[[nodiscard]] Due catalog_due(const BrokerView& broker, std::chrono::milliseconds default_interval,
                              core::SystemTime now);

void fetched(json::object& status, std::int64_t generation, core::SystemTime now);
// Counts the failure and plans the next attempt. gives_up_after: from when on the broker counts as Failed; it
// is tried on.
void failed(json::object& status, const Problem& problem, std::chrono::milliseconds gives_up_after,
            std::int64_t generation, core::SystemTime now);
// A deletion that goes on when these are gone.
void waits_for_instances(json::object& status, std::string_view names, core::SystemTime now);

}  // namespace catalog::broker_status
