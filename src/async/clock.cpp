#include "async/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace async {

Clock::TimePoint SystemClock::now() const {
  return std::chrono::steady_clock::now();
}

core::SystemTime SystemClock::system_now() const {
  return core::now();
}

Task<> SystemClock::sleep_until(TimePoint when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace async
