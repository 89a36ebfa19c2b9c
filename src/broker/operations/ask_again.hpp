// An answer to a provision after which no platform removes anything: one of 5xx, or none, may be followed by
// a deletion (orphan mitigation), which must not meet an instance that was there before. Pure.
#pragma once

#include "core/error.hpp"

namespace broker {

// What may pass by itself becomes 422 ConcurrencyError: the platform sends the request again. Other errors
// stay.
[[nodiscard]] inline core::Error ask_again(core::Error error) {
  if (!error.retryable()) return error;
  return {.kind = core::ErrorKind::unprocessable,
          .message = "Send the request again: " + error.message,
          .code = "ConcurrencyError"};
}

}  // namespace broker
