#include "async/backoff.hpp"

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace async {

std::chrono::milliseconds backoff_delay(const BackoffPolicy& policy, std::uint32_t attempts) {
  const double grown =
      static_cast<double>(policy.initial.count()) * std::pow(policy.factor, attempts == 0 ? 0 : attempts - 1);
  const double bounded = std::min(grown, static_cast<double>(policy.maximum.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(bounded));
}

std::chrono::milliseconds Backoff::next() {
  ++attempts_;
  const auto delay = static_cast<double>(backoff_delay(policy_, attempts_).count());
  const double share = 1.0 - policy_.jitter * core::random_share();
  return std::chrono::milliseconds(static_cast<std::int64_t>(delay * share));
}

}  // namespace async
