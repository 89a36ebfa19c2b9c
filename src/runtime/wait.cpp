#include "runtime/wait.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

namespace runtime {

async::Task<> wait_until(async::Clock& clock, async::Event& event, async::Clock::TimePoint when) {
  using async::asio::experimental::awaitable_operators::operator||;
  try {
    co_await (event.wait() || clock.sleep_until(when));
  } catch (const async::asio::multiple_exceptions& both) {
    std::rethrow_exception(both.first_exception());  // both were cancelled
  }
}

async::Task<bool> is_cancelled() {
  const auto state = co_await async::asio::this_coro::cancellation_state;
  co_return state.cancelled() != async::asio::cancellation_type::none;
}

}  // namespace runtime
