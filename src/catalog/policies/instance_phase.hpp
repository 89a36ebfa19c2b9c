// What an instance needs now, read from the object alone. The controller gathers for that phase and acts.
// Pure.
#pragma once

#include <optional>

#include "catalog/api/views.hpp"

namespace catalog {

enum class InstancePhase {
  settled,  // nothing to do until something changes
  pause,    // a user wants no calls now
  release,  // is being deleted, and the broker has nothing of it: remove the finalizer
  abandon,  // is being deleted, and a user gave up what the broker has
  retain,   // is being deleted, and the broker shall keep what it has
  poll,     // the broker is working
  provision,
  update,
  deprovision,      // is being deleted
  mitigate_orphan,  // a creation failed in a way that may have left something at the broker
};

// `again`: somebody asked for another try, so that what failed for good is taken up.
[[nodiscard]] InstancePhase phase_of(const InstanceView& instance, bool again = false);

// The broker has something of the instance, or may have, that a deletion has to remove there first: as long
// as that is so the finalizer stays.
[[nodiscard]] bool has_something_at_broker(const InstanceView& instance);

// A deletion or mitigation that failed for good: settled, but still to be done.
[[nodiscard]] bool gave_up_removing(const InstanceView& instance);

// How long a repeated call has to wait still; nullopt: call now. An edit of the spec ends the wait.
[[nodiscard]] std::optional<std::chrono::milliseconds> wait_before(InstancePhase phase,
                                                                   const InstanceView& instance,
                                                                   core::SystemTime now);

}  // namespace catalog
