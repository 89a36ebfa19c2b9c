#include "async/timeout.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/cancellation.hpp"

namespace async {

Task<bool> run_until(Clock& clock, milliseconds limit, Task<> operation) {
  using boost::asio::experimental::awaitable_operators::operator||;
  const auto first = co_await (std::move(operation) || clock.rest_until(clock.now() + limit));
  const bool in_time = first.index() == 0;
  if (!in_time) co_await throw_if_cancelled();
  co_return in_time;
}

}  // namespace async
