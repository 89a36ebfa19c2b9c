#include "aws/retries.hpp"

#include <algorithm>
#include <cmath>

namespace aws {

bool RetryBudget::take(bool timed_out) {
  const int wanted = timed_out ? timeout_cost : cost;
  if (tokens_ < wanted) return false;
  tokens_ -= wanted;
  return true;
}

void RetryBudget::give_back_after_success() {
  tokens_ = std::min(capacity, tokens_ + 1);
}

std::optional<std::chrono::milliseconds> next_retry(const RetryPolicy& policy, int attempt,
                                                    const core::Error& error, double random_share,
                                                    Repetition repetition) {
  if (attempt >= policy.max_attempts || !error.retryable()) return std::nullopt;
  const bool throttled = error.kind == core::ErrorKind::throttled;
  if (repetition == Repetition::makes_another && !throttled) return std::nullopt;
  const double base = static_cast<double>((throttled ? policy.throttled_base : policy.base).count());
  const double bound =
      std::min(base * std::pow(2.0, attempt - 1), static_cast<double>(policy.maximum.count()));
  auto delay = std::chrono::milliseconds(static_cast<std::int64_t>(bound * random_share));
  if (error.retry_after) delay = std::max(delay, std::chrono::milliseconds(*error.retry_after));
  return std::min(delay, policy.maximum);
}

}  // namespace aws
