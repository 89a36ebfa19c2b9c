// Virtual time: it stands still while anything can run, and then jumps to what is due next.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "async/clock.hpp"
#include "core/time.hpp"

namespace simulation {

using Instant = async::Clock::TimePoint;
using std::chrono::milliseconds;

class Timeline {
 public:
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] core::SystemTime system_now() const {
    return start_of_world + std::chrono::duration_cast<milliseconds>(now_ - start_);
  }
  [[nodiscard]] milliseconds since_start() const {
    return std::chrono::duration_cast<milliseconds>(now_ - start_);
  }

  // What is due at the same time happens in the order of the calls.
  void at(Instant when, std::function<void()> act) {
    due_.push({.when = std::max(when, now_), .order = ++calls_, .act = std::move(act)});
  }
  void after(milliseconds delay, std::function<void()> act) { at(now_ + delay, std::move(act)); }
  [[nodiscard]] std::optional<Instant> next_due() const {
    return due_.empty() ? std::nullopt : std::optional(due_.top().when);
  }
  // Moves to the next act and does it. There is one.
  void advance();
  // Nothing is due before that time.
  void pass_to(Instant when) { now_ = std::max(now_, when); }

 private:
  struct Due {
    Instant when;
    std::uint64_t order;
    std::function<void()> act;
    bool operator<(const Due& other) const {
      return when != other.when ? when > other.when : order > other.order;  // the queue's top is the greatest
    }
  };
  static constexpr core::SystemTime start_of_world{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) +
                                                   std::chrono::hours(10)};
  static constexpr Instant start_{std::chrono::hours(1000)};

  Instant now_ = start_;
  std::uint64_t calls_ = 0;
  std::priority_queue<Due> due_;
};

}  // namespace simulation
