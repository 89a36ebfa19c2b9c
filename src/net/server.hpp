// The HTTP/1.1 server.
//
// Executor: the loop's thread. Limits answer with a JSON body {"error","description"} before the handler is
// called: 431 header too large, 413 body too large, 408 request not complete in time, 400 what is no HTTP.
// run() ends after stop(): the listener closes at once, idle connections are closed, requests under way may
// finish until drain_timeout, streams are cancelled.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/metrics.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace net {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one; port() tells
  std::optional<ServerTls> tls;
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 3 * 1024 * 1024;
  std::size_t max_connections = 4096;              // more are accepted and closed at once
  std::chrono::milliseconds read_timeout{30'000};  // from a request's first byte to its last
  std::chrono::milliseconds idle_timeout{
      120'000};  // between requests; also of the TLS handshake, at most 10 s
  std::chrono::milliseconds write_timeout{30'000};  // of each write
  std::chrono::milliseconds drain_timeout{10'000};
};

class Server {
 public:
  // Binds and listens. Errors: unavailable ("127.0.0.1:443: Address already in use"), invalid (PEM).
  [[nodiscard]] static core::Result<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                                    ServerOptions options, Handler handler);
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] async::Task<> run();  // accepts until stop() or cancellation, then drains
  void stop();
  // New handshakes use the new certificate.
  [[nodiscard]] core::Result<> reload_tls(const ServerTls& tls);

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace net
