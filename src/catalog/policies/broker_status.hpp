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
// secret_version: of the Secret of spec.authInfo as it is now; "" where there is none. The catalog is due
// when it is another than the one that it was last fetched with.
[[nodiscard]] Due catalog_due(const BrokerView& broker, std::string_view secret_version,
                              std::chrono::milliseconds default_interval, core::SystemTime now);

void fetched(json::object& status, const BrokerView& broker, std::string_view secret_version,
             core::SystemTime now);
// Counts the failure and plans the next attempt. gives_up_after: from when on the broker counts as Failed; it
// is tried on.
void failed(json::object& status, const Problem& problem, std::chrono::milliseconds gives_up_after,
            const BrokerView& broker, std::string_view secret_version, core::SystemTime now);
// A deletion that goes on when these are gone.
void waits_for_instances(json::object& status, std::string_view names, core::SystemTime now);

}  // namespace catalog::broker_status
