// Steps of a removal that may find that an earlier try was here.
#pragma once

#include "core/error.hpp"

namespace broker {

[[nodiscard]] inline bool is_done(const core::Result<>& removal) {
  return removal || removal.error().kind == core::ErrorKind::not_found;
}

}  // namespace broker
