#include "broker/bindings/lifetime.hpp"

#include <charconv>

namespace broker {

namespace {

using core::ErrorKind;
using core::fail;

// yyyy-mm-ddThh:mm:ss.sZ, as the specification wants it.
std::string metadata_time(core::SystemTime time) {
  std::string text = core::to_rfc3339(time);
  text.insert(text.size() - 1, ".0");
  return text;
}

}  // namespace

core::Result<std::chrono::milliseconds> parse_lifetime(std::string_view text) {
  core::Result<std::chrono::milliseconds> lifetime = fail(ErrorKind::invalid, "");
  if (text.ends_with('d')) {
    int days = 0;
    const std::string number(text.substr(0, text.size() - 1));
    const char* const end = number.data() + number.size();
    constexpr int most_days = 100 * 365;
    const auto [rest, error] = std::from_chars(number.data(), end, days);
    if (error == std::errc() && rest == end && days <= most_days) lifetime = std::chrono::days(days);
  } else {
    lifetime = core::parse_duration(text);
  }
  if (lifetime && lifetime->count() > 0) return lifetime;
  return fail(ErrorKind::invalid, "\"" + std::string(text) + "\" is not a lifetime such as 90d or 12h");
}

void limit_lifetime(BindingRecord& binding, std::chrono::milliseconds lifetime, core::SystemTime now) {
  binding.expires_at = metadata_time(now + lifetime);
  binding.renew_before = metadata_time(now + lifetime * 4 / 5);
}

bool is_expired(const BindingRecord& binding, core::SystemTime now) {
  if (binding.phase == BindingPhase::expired) return true;
  const auto end = core::parse_rfc3339(binding.expires_at);
  return end && *end <= now;
}

boost::json::value lifetime_metadata(const BindingRecord& binding) {
  if (binding.expires_at.empty()) return nullptr;
  return {{"expires_at", binding.expires_at}, {"renew_before", binding.renew_before}};
}

}  // namespace broker
