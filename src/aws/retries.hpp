// Whether and when a failed call is tried again: pure decisions, after the AWS SDKs' "standard" mode
// (docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
#pragma once

#include <chrono>
#include <optional>

#include "core/error.hpp"

namespace aws {

// A token bucket that all calls of a session share: in an outage retries stop adding load.
class RetryBudget {
 public:
  [[nodiscard]] bool take(bool timed_out);  // false: the budget is used up
  void give_back_after_success();

 private:
  static constexpr int capacity = 500;
  static constexpr int cost = 5;
  static constexpr int timeout_cost = 10;
  int tokens_ = capacity;
};

struct RetryPolicy {
  int max_attempts = 3;
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds throttled_base{500};
  std::chrono::milliseconds maximum{20'000};
};

// Whether a call may be made again where nobody knows if it was done (no answer, or 5xx).
enum class Repetition { harmless, makes_another };

// The delay before the next attempt (full jitter: random_share in [0, 1) of the exponential bound), or
// nullopt: give up. `attempt` counts from 1.
[[nodiscard]] std::optional<std::chrono::milliseconds> next_retry(
    const RetryPolicy& policy, int attempt, const core::Error& error, double random_share,
    Repetition repetition = Repetition::harmless);

}  // namespace aws
