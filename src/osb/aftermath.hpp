// What a failed update or deprovision has left behind, where the broker says it (spec.md, "Service Broker
// Errors"); the errors of other calls have none.
#pragma once

#include <expected>
#include <optional>

#include "core/error.hpp"

namespace osb {

struct Aftermath {
  std::optional<bool> instance_usable;
  std::optional<bool> update_repeatable;  // of an update
};

struct ChangeError : core::Error {
  Aftermath aftermath;
};

template <class T>
using ChangeResult = std::expected<T, ChangeError>;

}  // namespace osb
