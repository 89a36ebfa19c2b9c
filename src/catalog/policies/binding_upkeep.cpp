#include "catalog/policies/binding_upkeep.hpp"

#include <algorithm>

#include "catalog/policies/rotation.hpp"
#include "catalog/policies/schedule.hpp"

namespace catalog {

std::string secret_version_of(std::string_view own_version,
                              const std::vector<std::pair<kube::ObjectKey, std::string>>& others) {
  std::string version(own_version);
  for (const auto& [key, other] : others)
    version.append(" ").append(key.to_string()).append("=").append(other);
  return own_version.empty() ? std::string() : version;
}

Upkeep upkeep_of(const BindingView& binding, std::string_view secret_version, core::SystemTime now,
                 bool hurry) {
  using Step = Upkeep::Step;
  std::optional<core::SystemTime> rotation_retry =
      core::parse_rfc3339(core::find_string(binding.rotation(), {"retry", "nextTime"}));
  std::optional<core::SystemTime> rotation = rotation::due(binding);
  if (rotation::next_id(binding)) rotation = now;
  std::optional<core::SystemTime> revocation;
  if (auto old = rotation::first_to_revoke(binding)) revocation = old->time.value_or(now);
  if (rotation && !is_due(rotation_retry, now)) rotation = std::max(*rotation, *rotation_retry);

  // Objects that an older version wrote do not say how the Secret was written: it has to be there.
  bool as_written =
      binding.secret_version().empty() ? !secret_version.empty() : binding.secret_version() == secret_version;
  std::optional<core::SystemTime> restoration;
  if (!as_written || !binding.ready())
    restoration = hurry || is_due(binding.next_retry_time(), now) ? now : *binding.next_retry_time();

  // A failed rotation may have left an id to revoke: that goes before the next try. A rotation that is under
  // way goes before the Secret, which it is about to write.
  for (const auto& [when, step] : {std::pair{revocation, Step::revoke}, std::pair{rotation, Step::rotate},
                                   std::pair{restoration, Step::restore_secret}}) {
    if (when && *when <= now) return {.step = step, .wait = {}};
  }
  Upkeep idle;
  for (const std::optional<core::SystemTime>& when : {revocation, rotation, restoration}) {
    if (when && (!idle.wait || *when - now < *idle.wait)) idle.wait = *when - now;
  }
  return idle;
}

}  // namespace catalog
