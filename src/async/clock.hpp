// Time as a dependency, so that tests move it by hand (testing/manual_clock.hpp).
#pragma once

#include <chrono>

#include "async/task.hpp"
#include "core/time.hpp"

namespace async {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;                // monotonic: deadlines, intervals
  [[nodiscard]] virtual core::SystemTime system_now() const = 0;  // wall clock: what is written down
  // Returns early when the calling task is cancelled, without an exception: for what mostly loses a race, as
  // a time limit does.
  [[nodiscard]] virtual Task<> rest_until(TimePoint when) = 0;
  // Throws boost::system::system_error(operation_aborted) when the calling task is cancelled.
  [[nodiscard]] Task<> sleep_until(TimePoint when);
  [[nodiscard]] Task<> sleep_for(milliseconds duration) { return sleep_until(now() + duration); }
};

// The real one. It has no state; one per process will do.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] core::SystemTime system_now() const override;
  [[nodiscard]] Task<> rest_until(TimePoint when) override;
};

}  // namespace async
