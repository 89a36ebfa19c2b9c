#include "runtime/wait.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace runtime {

async::Task<> wait_until(async::Clock& clock, async::Event& event, async::Clock::TimePoint when) {
  using async::asio::experimental::awaitable_operators::operator||;
  try {
    co_await (event.wait() || clock.sleep_until(when));
  } catch (const async::asio::multiple_exceptions& both) {
    std::rethrow_exception(both.first_exception());  // both were cancelled
  }
}

}  // namespace runtime
