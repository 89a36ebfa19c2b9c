#include "net/deadline.hpp"

#include <boost/asio/error.hpp>

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

}  // namespace net
