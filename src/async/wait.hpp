// Waiting for an event no longer than to a time.
#pragma once

#include "async/clock.hpp"
#include "async/event.hpp"

namespace async {

// Until the event or the time, whichever is first. Throws operation_aborted when the calling task is
// cancelled.
[[nodiscard]] Task<> wait_until(Clock& clock, Event& event, Clock::TimePoint when);

}  // namespace async
