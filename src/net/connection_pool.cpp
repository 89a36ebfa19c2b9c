#include "net/connection_pool.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/cancellation.hpp"
#include "core/time.hpp"
#include "net/deadline.hpp"

namespace net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

ConnectionPtr ConnectionPool::take_idle() {
  const auto oldest = std::chrono::steady_clock::now() - options_.idle_timeout;
  while (!idle_.empty() && idle_.front()->idle_since < oldest) idle_.pop_front();
  while (!idle_.empty()) {
    ConnectionPtr connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->stream.is_stale()) return connection;
  }
  return nullptr;
}

void ConnectionPool::give_back(ConnectionPtr connection) {
  if (!connection->stream.is_open() || connection->buffer.size() > 0) return;
  connection->idle_since = std::chrono::steady_clock::now();
  connection->buffer.shrink_to_fit();
  idle_.push_back(std::move(connection));
  if (idle_.size() > options_.max_idle_connections) idle_.pop_front();
}

std::unexpected<core::Error> ConnectionPool::unreachable(const std::string& why) const {
  return core::fail(core::ErrorKind::unavailable,
                    "cannot reach " + origin_.scheme + "://" + origin_.authority() + ": " + why);
}

async::Task<core::Result<ConnectionPtr>> ConnectionPool::connect(std::chrono::milliseconds limit) {
  limit = std::min(limit, options_.connect_timeout);
  const auto latest = std::chrono::steady_clock::now() + limit;
  const auto too_late = [this, limit] {
    return core::fail(core::ErrorKind::timeout, "cannot reach " + origin_.scheme + "://" +
                                                    origin_.authority() + ": no connection within " +
                                                    core::to_duration_text(limit));
  };
  boost::system::error_code error;
  tcp::resolver resolver(executor_);
  tcp::socket socket(executor_);
  tcp::resolver::results_type addresses;
  {
    const Deadline deadline(executor_, limit, [&] {
      resolver.cancel();
      boost::system::error_code ignored;
      socket.close(ignored);
    });
    addresses = co_await resolver.async_resolve(origin_.host, std::to_string(origin_.port),
                                                asio::redirect_error(asio::use_awaitable, error));
    if (!error)
      co_await asio::async_connect(socket, addresses, asio::redirect_error(asio::use_awaitable, error));
    co_await async::throw_if_cancelled();
    if (deadline.expired()) co_return too_late();
  }
  if (error) co_return unreachable(error.message());
  socket.set_option(tcp::no_delay(true), error);

  auto connection = std::make_shared<Connection>(std::move(socket), context_);
  if (context_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(latest - std::chrono::steady_clock::now());
    const Deadline deadline(executor_, left, [connection] { connection->stream.close(); });
    const std::string name = options_.tls.server_name.empty() ? origin_.host : options_.tls.server_name;
    error = co_await connection->stream.handshake_as_client(name, !options_.tls.insecure_skip_verify);
    co_await async::throw_if_cancelled();
    if (deadline.expired()) co_return too_late();
    if (error) co_return unreachable(describe_handshake_failure(connection->stream.ssl_handle(), error));
  }
  co_return connection;
}

}  // namespace net
