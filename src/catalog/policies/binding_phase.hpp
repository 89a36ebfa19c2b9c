// What a binding needs now, read from the object alone. Pure.
#pragma once

#include <optional>

#include "catalog/api/views.hpp"

namespace catalog {

enum class BindingPhase {
  settled,  // nothing to do until something changes
  release,  // is being deleted, and the broker has nothing of it
  poll,     // the broker is working
  pause,    // a user wants no calls now
  abandon,  // is being deleted, and a user gave up what the broker has
  retain,   // is being deleted, and the broker shall keep what it has
  bind,
  keep,             // bound: see binding_upkeep.hpp
  unbind,           // is being deleted
  mitigate_orphan,  // a bind failed in a way that may have left credentials at the broker
};

// `again`: somebody asked for another try, so that what failed for good is taken up.
[[nodiscard]] BindingPhase phase_of(const BindingView& binding, bool again = false);
// The broker has, or may have, credentials of the binding, which a deletion has to revoke first: as long as
// that is so the finalizer stays.
[[nodiscard]] bool has_something_at_broker(const BindingView& binding);
// Before a failed call is repeated; what is kept waits as binding_upkeep.hpp says.
[[nodiscard]] std::optional<std::chrono::milliseconds> wait_before(BindingPhase phase,
                                                                   const BindingView& binding,
                                                                   core::SystemTime now);

}  // namespace catalog
