#include "async/wait.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/cancellation.hpp"

namespace async {

Task<> wait_until(Clock& clock, Event& event, Clock::TimePoint when) {
  using asio::experimental::awaitable_operators::operator||;
  co_await (event.wait() || clock.rest_until(when));
  co_await throw_if_cancelled();
}

}  // namespace async
