// Errors as values: what a caller may branch on. Exceptions stay for bugs, start-up failures and
// cancellation.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace core {

enum class ErrorKind {
  invalid,          // the input is wrong; repeating it cannot help
  unauthenticated,  // no or wrong credentials
  forbidden,
  not_found,
  already_exists,
  conflict,       // a precondition (version, state) does not hold any more
  gone,           // it existed and does not any more; for watches: the version is too old
  unprocessable,  // understood, but not possible now (OSB 422)
  too_large,
  timeout,      // no answer in time: the other side may or may not have acted
  unavailable,  // could not be reached, or answered 5xx
  throttled,
  protocol,  // the answer is not of the protocol's form
  internal,
};

// A short name for logs and metrics: "not_found".
[[nodiscard]] std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // a sentence for people: what is wrong, where, what to do; never a secret
  std::string
      code;  // the other side's own code ("ConcurrencyError", "ValidationError", "AlreadyExists"), or empty
  int http_status = 0;  // of the answer that this error was made from; 0 where there was none
  std::optional<std::chrono::seconds> retry_after = std::nullopt;

  // The same call may work later, unchanged.
  [[nodiscard]] bool retryable() const;

  // "loading kubeconfig: <message>", everything else kept.
  [[nodiscard]] Error with_context(std::string_view context) const;
};

template <class T = void>
using Result = std::expected<T, Error>;

// return core::fail(ErrorKind::invalid, "...");
[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string code = {}) {
  return std::unexpected(Error{.kind = kind, .message = std::move(message), .code = std::move(code)});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

// The kind that an HTTP status ≥ 400 stands for: 404 → not_found, 429 → throttled, 5xx → unavailable …
[[nodiscard]] ErrorKind kind_of_status(int http_status);

// The HTTP status that an error of this kind is answered with by a server of ours.
[[nodiscard]] int status_of_kind(ErrorKind kind);

}  // namespace core
