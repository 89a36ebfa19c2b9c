// How long a binding is valid (--binding-lifetime), and what platforms are told of it. Pure.
#pragma once

#include <chrono>
#include <string_view>

#include "broker/records.hpp"
#include "core/time.hpp"

namespace broker {

// "90d", or as core::parse_duration. Error: invalid (also where it is not longer than nothing).
[[nodiscard]] core::Result<std::chrono::milliseconds> parse_lifetime(std::string_view text);

// Notes when the binding will have ended, and that it should be renewed when 80 % of its time are over.
void limit_lifetime(BindingRecord& binding, std::chrono::milliseconds lifetime, core::SystemTime now);

[[nodiscard]] bool is_expired(const BindingRecord& binding, core::SystemTime now);

// metadata.expires_at and renew_before (specification, "Binding Metadata Object"); null for a binding without
// an end.
[[nodiscard]] boost::json::value lifetime_metadata(const BindingRecord& binding);

}  // namespace broker
