// A deadline on one operation.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "async/clock.hpp"
#include "core/error.hpp"

namespace async {

// Runs the operation until it ends or the time is over, whichever comes first; the other one has been
// cancelled and has ended when this returns. True where the operation ended first. The operation must not
// throw.
[[nodiscard]] Task<bool> run_until(Clock& clock, milliseconds limit, Task<> operation);

namespace detail {
template <class T>
Task<> capture(Task<core::Result<T>> operation, std::optional<core::Result<T>>& result,
               std::exception_ptr& failure) {
  try {
    result.emplace(co_await std::move(operation));
  } catch (...) {
    failure = std::current_exception();
  }
}
}  // namespace detail

// The operation's result, or Error{timeout, "<what> took longer than 1m0s"}. An exception of the operation,
// and cancellation from outside, pass through.
template <class T>
[[nodiscard]] Task<core::Result<T>> with_timeout(Clock& clock, milliseconds limit, std::string what,
                                                 Task<core::Result<T>> operation) {
  std::optional<core::Result<T>> result;
  std::exception_ptr failure;
  Task<> captured = detail::capture(std::move(operation), result, failure);
  const bool in_time = co_await run_until(clock, limit, std::move(captured));
  if (in_time && failure) std::rethrow_exception(failure);
  if (in_time && result) co_return std::move(*result);
  co_return core::fail(core::ErrorKind::timeout, what + " took longer than " + core::to_duration_text(limit));
}

}  // namespace async
