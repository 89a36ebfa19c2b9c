#include "async/wait.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace async {

Task<> wait_until(Clock& clock, Event& event, Clock::TimePoint when) {
  using asio::experimental::awaitable_operators::operator||;
  try {
    co_await (event.wait() || clock.sleep_until(when));
  } catch (const asio::multiple_exceptions& both) {
    std::rethrow_exception(both.first_exception());  // both were cancelled
  }
}

}  // namespace async
