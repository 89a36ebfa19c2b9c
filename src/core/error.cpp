#include "core/error.hpp"

namespace core {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::unauthenticated:
      return "unauthenticated";
    case ErrorKind::forbidden:
      return "forbidden";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::already_exists:
      return "already_exists";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::gone:
      return "gone";
    case ErrorKind::unprocessable:
      return "unprocessable";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::throttled:
      return "throttled";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

bool Error::retryable() const {
  return kind == ErrorKind::timeout || kind == ErrorKind::unavailable || kind == ErrorKind::throttled;
}

Error Error::with_context(std::string_view context) const {
  Error copy = *this;
  copy.message = std::string(context) + ": " + message;
  return copy;
}

ErrorKind kind_of_status(int http_status) {
  switch (http_status) {
    case 400:
      return ErrorKind::invalid;
    case 401:
      return ErrorKind::unauthenticated;
    case 403:
      return ErrorKind::forbidden;
    case 404:
      return ErrorKind::not_found;
    case 408:
      return ErrorKind::timeout;
    case 409:
      return ErrorKind::conflict;
    case 410:
      return ErrorKind::gone;
    case 413:
      return ErrorKind::too_large;
    case 422:
      return ErrorKind::unprocessable;
    case 429:
      return ErrorKind::throttled;
    case 504:
      return ErrorKind::timeout;
    default:
      break;
  }
  if (http_status >= 500) return ErrorKind::unavailable;
  if (http_status >= 400) return ErrorKind::invalid;
  return ErrorKind::protocol;
}

int status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::unauthenticated:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::already_exists:
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::gone:
      return 410;
    case ErrorKind::unprocessable:
      return 422;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::timeout:
      return 504;
    case ErrorKind::unavailable:
    case ErrorKind::throttled:
      return 503;
    case ErrorKind::protocol:
      return 502;
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

}  // namespace core
