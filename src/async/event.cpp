#include "async/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/cancellation.hpp"

namespace async {

Event::Event(asio::any_io_executor executor) : timer_(executor, asio::steady_timer::time_point::max()) {}

void Event::notify() {
  if (waiting_ == 0) {
    notified_ = true;
  } else {
    timer_.cancel();
  }
}

Task<> Event::wait() {
  if (notified_) {
    notified_ = false;
    co_return;
  }
  ++waiting_;
  boost::system::error_code signalled;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, signalled));
  --waiting_;
  // Both notify() and the task's own cancellation end the wait with operation_aborted.
  co_await throw_if_cancelled();
}

}  // namespace async
