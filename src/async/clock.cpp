#include "async/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/cancellation.hpp"

namespace async {

Task<> Clock::sleep_until(TimePoint when) {
  co_await rest_until(when);
  co_await throw_if_cancelled();
}

Clock::TimePoint SystemClock::now() const {
  return std::chrono::steady_clock::now();
}

core::SystemTime SystemClock::system_now() const {
  return core::now();
}

Task<> SystemClock::rest_until(TimePoint when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace async
