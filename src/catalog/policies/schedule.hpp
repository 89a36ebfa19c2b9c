// When to look again: polling an asynchronous operation, and repeating a call that failed. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace catalog {

using std::chrono::milliseconds;

inline constexpr std::chrono::minutes longest_pause{30};

// A broker that says for so long that it knows nothing of what it was to create (404) has lost it.
inline constexpr std::chrono::minutes longest_absence{15};

// Whether it is time for the next try. nullopt: it is. A time further away than any pause was written by
// somebody whose clock was wrong: nobody waits for it.
[[nodiscard]] bool is_due(std::optional<core::SystemTime> next, core::SystemTime now);

// Until the next poll: a tenth of the time the operation has taken so far, at least 100 ms, at most
// `maximum`; so that an operation is reported at most 10% late and a long one is not asked about all the
// time. What the broker asks for (Retry-After) goes first, up to the maximum.
[[nodiscard]] milliseconds poll_delay(milliseconds elapsed, std::optional<std::chrono::seconds> retry_after,
                                      milliseconds maximum);

// Until the call after `attempts` failures in a row: 1 s, 2 s, 4 s … 10 min; not before what the broker asks
// for, up to longest_pause.
[[nodiscard]] milliseconds retry_delay(std::uint32_t attempts,
                                       std::optional<std::chrono::seconds> retry_after);

// The same for catalogs, where a broker that comes back should be noticed soon: 0.5 s … 1 min.
[[nodiscard]] milliseconds catalog_retry_delay(std::uint32_t attempts);

}  // namespace catalog
