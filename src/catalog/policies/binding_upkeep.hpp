// What a binding that is bound needs next: its Secret as we wrote it, and credentials that are rotated and
// revoked in time. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/api/views.hpp"

namespace catalog {

// What status.secretVersion is compared with: the version of the Secret, then of each Secret that keys are
// taken from. "" where the binding has no Secret of its own.
[[nodiscard]] std::string secret_version_of(
    std::string_view own_version, const std::vector<std::pair<kube::ObjectKey, std::string>>& others);

struct Upkeep {
  enum class Step {
    none,
    restore_secret,  // it is gone, is another's, was edited, or one that keys are taken from has changed
    rotate,          // begin, or go on with what was begun
    revoke,          // the first old id
  };
  Step step = Step::none;
  std::optional<std::chrono::milliseconds> wait;  // with none: look again then
};
// hurry: what a failed restoration waited for may have changed.
[[nodiscard]] Upkeep upkeep_of(const BindingView& binding, std::string_view secret_version,
                               core::SystemTime now, bool hurry = false);

}  // namespace catalog
