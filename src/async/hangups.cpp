#include "async/hangups.hpp"

#include <csignal>

#include <boost/asio/use_awaitable.hpp>

namespace async {

Hangups::Hangups(asio::any_io_executor executor) : signals_(std::move(executor), SIGHUP) {}

Task<> Hangups::next() {
  co_await signals_.async_wait(asio::use_awaitable);
}

}  // namespace async
