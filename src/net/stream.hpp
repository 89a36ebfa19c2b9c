// Private to net/: a TCP connection with or without TLS, so that the HTTP codec above it exists once.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "async/task.hpp"
#include "net/tls_context.hpp"

namespace net {

class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using ErrorCode = boost::system::error_code;

  // Plain where the context is null, else TLS: a handshake must come first.
  Stream(Socket socket, const SslContext& context);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // `server_name` is sent (SNI), and verified if `verifies_name`.
  [[nodiscard]] async::Task<ErrorCode> handshake_as_client(std::string server_name, bool verifies_name);
  [[nodiscard]] async::Task<ErrorCode> handshake_as_server();

  // 0 bytes with no error does not happen; the end is boost::asio::error::eof (for TLS also an abrupt one).
  [[nodiscard]] async::Task<std::size_t> read_some(std::span<char> into, ErrorCode& error);
  // All of both pieces.
  [[nodiscard]] async::Task<ErrorCode> write(std::string_view first, std::string_view second = {});

  void cancel();                                   // ends reads and writes under way with operation_aborted
  void close();                                    // the same, and nothing can follow
  void shutdown_send();                            // tells the other side that nothing more will come
  [[nodiscard]] std::string peer_address() const;  // "127.0.0.1:40122"
  [[nodiscard]] bool is_open() const { return lowest_layer().is_open(); }
  // True where the peer has closed or sent something unasked: such a connection cannot be used again.
  [[nodiscard]] bool is_stale();

  [[nodiscard]] SSL* ssl_handle();  // nullptr for a plain one

 private:
  using TlsStream = boost::asio::ssl::stream<Socket>;
  [[nodiscard]] Socket& lowest_layer();
  [[nodiscard]] const Socket& lowest_layer() const;

  SslContext context_;
  std::variant<std::monostate, Socket, TlsStream> stream_;
};

}  // namespace net
