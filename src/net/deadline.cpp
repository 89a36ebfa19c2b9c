#include "net/deadline.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace net {

namespace asio = boost::asio;

Deadline::Deadline(const asio::any_io_executor& executor, std::chrono::milliseconds limit,
                   std::function<void()> expire)
    : state_(std::make_shared<State>()), timer_(executor, limit) {
  state_->expire = std::move(expire);
  timer_.async_wait([state = state_](const boost::system::error_code& error) {
    if (error || state->disarmed) return;
    state->expired = true;
    state->expire();
  });
}

// The handler may already be on its way when the timer is cancelled: it must not touch what is gone.
Deadline::~Deadline() {
  state_->disarmed = true;
}

async::Task<> throw_if_cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

}  // namespace net
