// Points in time as text: RFC 3339 (Kubernetes, OSB) and the basic format of AWS signatures.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace core {

using SystemTime = std::chrono::sys_time<std::chrono::milliseconds>;

[[nodiscard]] SystemTime now();

[[nodiscard]] std::string to_rfc3339(SystemTime time);  // 2026-01-31T10:00:00Z, as metav1.Time
[[nodiscard]] std::string to_rfc3339_micros(
    SystemTime time);                                     // 2026-01-31T10:00:00.123000Z, as metav1.MicroTime
[[nodiscard]] std::string to_rfc1123(SystemTime time);    // Sat, 31 Jan 2026 10:00:00 GMT, as HTTP dates
[[nodiscard]] std::string to_aws_basic(SystemTime time);  // 20260131T100000Z
[[nodiscard]] std::optional<SystemTime> parse_rfc3339(std::string_view text);  // fraction and offset accepted

// Go's durations, as flags and relistDuration have them: "24h", "1h30m", "15m0s", "250ms". Error: invalid.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string to_duration_text(std::chrono::milliseconds duration);  // "24h0m0s", as Go prints it

}  // namespace core
