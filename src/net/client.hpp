// The HTTP/1.1 client: a Transport to one origin with a pool of keep-alive connections.
//
// Executor: the loop's thread. A request that fails on a reused connection before any byte of the answer was
// read is sent once more on a new connection, but only for GET, HEAD, PUT and DELETE (idempotent, RFC 9110
// §9.2.2). Redirects are not followed. `Host`, `Content-Length` and `User-Agent` are set where the request
// has none.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "net/tls.hpp"
#include "net/transport.hpp"
#include "net/url.hpp"

namespace net {

struct ClientOptions {
  ClientTls tls;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};  // of a pooled connection
  std::size_t max_idle_connections = 8;
  std::size_t max_header_bytes = 64 * 1024;
  std::string user_agent = "chandlery";
};

class Client final : public Transport {
 public:
  // Only the origin of the URL counts here; a request's target carries the whole path.
  // Error: invalid (a PEM text that cannot be read).
  [[nodiscard]] static core::Result<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor,
                                                                    Url origin, ClientOptions options = {});
  ~Client() override;  // closes idle connections; no call may be under way

  [[nodiscard]] async::Task<core::Result<Reply>> send(Request request, CallOptions options) override;
  [[nodiscard]] async::Task<core::Result<IncomingReply>> open(Request request, CallOptions options) override;

 private:
  struct State;
  explicit Client(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace net
