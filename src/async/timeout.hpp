// A deadline on one operation.
#pragma once

#include <optional>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/clock.hpp"
#include "core/error.hpp"

namespace async {

// The operation's result, or Error{timeout, "<what> took longer than 60s"} after which the operation has been cancelled
// and has ended. Cancellation from outside passes through to the operation.
template <class T>
[[nodiscard]] Task<core::Result<T>> with_timeout(Clock& clock, milliseconds limit, std::string what, Task<core::Result<T>> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto outcome = co_await (std::move(operation) || clock.sleep_for(limit));
  if (outcome.index() == 0) co_return std::move(std::get<0>(outcome));
  co_return core::fail(core::ErrorKind::timeout, what + " took longer than " + core::to_duration_text(limit));
}

}  // namespace async
