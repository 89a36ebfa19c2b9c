#include "async/shutdown.hpp"

#include <csignal>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace async {

Task<int> wait_for_shutdown_signal() {
  // The set's end restores the default disposition, so that a second signal ends the process at once.
  asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
  co_return co_await signals.async_wait(asio::use_awaitable);
}

}  // namespace async
