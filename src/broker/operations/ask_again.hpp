// An answer to a provision after which no platform removes anything: one of 5xx, or none, may be followed by
// a deletion (orphan mitigation), which must not meet an instance that was there before. Pure.
#pragma once

#include "core/error.hpp"

namespace broker {

// What the user cannot mend becomes 422 ConcurrencyError: the platform sends the request again. Errors of the
// user's stay.
[[nodiscard]] inline core::Error ask_again(core::Error error) {
  using core::ErrorKind;
  switch (error.kind) {
    case ErrorKind::invalid:
    case ErrorKind::already_exists:
    case ErrorKind::conflict:
    case ErrorKind::unprocessable:
    case ErrorKind::too_large:
      return error;
    case ErrorKind::unauthenticated:  // the broker's own credentials
    case ErrorKind::forbidden:        // the broker's own rights
    case ErrorKind::not_found:        // removed since it was found
    case ErrorKind::gone:
    case ErrorKind::timeout:
    case ErrorKind::unavailable:
    case ErrorKind::throttled:
    case ErrorKind::protocol:
    case ErrorKind::internal:
      break;
  }
  return {.kind = ErrorKind::unprocessable,
          .message = "Send the request again: " + error.message,
          .code = "ConcurrencyError"};
}

}  // namespace broker
