// Small waits that the components of runtime share.
#pragma once

#include "async/clock.hpp"
#include "async/event.hpp"

namespace runtime {

// Until the event or the time, whichever is first. Throws operation_aborted when the calling task is
// cancelled.
[[nodiscard]] async::Task<> wait_until(async::Clock& clock, async::Event& event,
                                       async::Clock::TimePoint when);

}  // namespace runtime
