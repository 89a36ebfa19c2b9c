// What a failed call to a broker means: whether to repeat it, and whether the broker may have made something
// that nobody will ask for again (orphan mitigation). One table, in failures.cpp. Pure. Source: Open Service
// Broker API 2.17, "Orphan Mitigation".
#pragma once

#include <string>

#include "core/error.hpp"

namespace catalog {

enum class BrokerCall { provision, update, deprovision, bind, unbind };

struct Verdict {
  bool retry = false;            // the same call may work later, unchanged
  bool mitigate_orphan = false;  // send a delete first
};

[[nodiscard]] Verdict judge(BrokerCall call, const core::Error& error);

// What we know of the plan's maintenance is old: the same call works once the catalog was fetched again.
[[nodiscard]] bool is_maintenance_conflict(const core::Error& error);

// "Status: 400; BadRequest: The parameter X is not available." for conditions and events. Cut at 1,000
// characters.
[[nodiscard]] std::string describe(const core::Error& error);

}  // namespace catalog
