// Private to net/: the connections of one Client to its origin.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "net/client.hpp"
#include "net/stream.hpp"

namespace net {

// A connection and the bytes that were read from it beyond the last answer.
struct Connection {
  Connection(Stream::Socket socket, const SslContext& context) : stream(std::move(socket), context) {}
  Stream stream;
  boost::beast::flat_buffer buffer;
  std::chrono::steady_clock::time_point idle_since{};
};
using ConnectionPtr = std::shared_ptr<Connection>;

class ConnectionPool {
 public:
  ConnectionPool(boost::asio::any_io_executor executor, Url origin, ClientOptions options, SslContext context)
      : executor_(std::move(executor)),
        origin_(std::move(origin)),
        options_(std::move(options)),
        context_(std::move(context)) {}

  // One that is idle and still of use, or null.
  [[nodiscard]] ConnectionPtr take_idle();
  // Resolves, connects (every address in turn) and shakes hands, all within `limit` and the pool's own
  // connect_timeout. Errors: unavailable, timeout.
  [[nodiscard]] async::Task<core::Result<ConnectionPtr>> connect(std::chrono::milliseconds limit);
  void give_back(ConnectionPtr connection);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }
  [[nodiscard]] const ClientOptions& options() const { return options_; }
  [[nodiscard]] const Url& origin() const { return origin_; }
  // "cannot reach https://host:port: <why>"
  [[nodiscard]] std::unexpected<core::Error> unreachable(const std::string& why) const;

 private:
  boost::asio::any_io_executor executor_;
  Url origin_;
  ClientOptions options_;
  SslContext context_;
  std::deque<ConnectionPtr> idle_;  // the one used last is at the back
};

}  // namespace net
