#include "catalog/policies/schedule.hpp"

#include <algorithm>

#include "async/backoff.hpp"

namespace catalog {

milliseconds poll_delay(milliseconds elapsed, std::optional<std::chrono::seconds> retry_after,
                        milliseconds maximum) {
  constexpr milliseconds minimum(100);
  milliseconds wanted = retry_after ? milliseconds(*retry_after) : elapsed / 10;
  return std::max(minimum, std::min(wanted, maximum));
}

milliseconds retry_delay(std::uint32_t attempts, std::optional<std::chrono::seconds> retry_after) {
  constexpr async::BackoffPolicy policy{.initial = std::chrono::seconds(1),
                                        .maximum = std::chrono::minutes(10)};
  milliseconds delay = async::backoff_delay(policy, std::max(attempts, 1U));
  if (retry_after) delay = std::max<milliseconds>(delay, *retry_after);
  return std::min<milliseconds>(delay, longest_pause);
}

bool is_due(std::optional<core::SystemTime> next, core::SystemTime now) {
  return !next || *next <= now || *next > now + longest_pause;
}

milliseconds catalog_retry_delay(std::uint32_t attempts) {
  constexpr async::BackoffPolicy policy{.initial = milliseconds(500), .maximum = std::chrono::minutes(1)};
  return async::backoff_delay(policy, std::max(attempts, 1U));
}

}  // namespace catalog
