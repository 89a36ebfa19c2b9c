#include "net/stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace net {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

auto redirected(Stream::ErrorCode& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

bool is_ip_address(const std::string& host) {
  Stream::ErrorCode error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Stream::Stream(Socket socket, const SslContext& context) : context_(context) {
  if (context) {
    stream_.emplace<TlsStream>(std::move(socket), *context);
  } else {
    stream_.emplace<Socket>(std::move(socket));
  }
}

async::Task<Stream::ErrorCode> Stream::handshake_as_client(std::string server_name, bool verifies_name) {
  TlsStream& tls = std::get<TlsStream>(stream_);
  ErrorCode error;
  if (verifies_name) tls.set_verify_callback(ssl::host_name_verification(server_name), error);
  // Unverified too: a proxy in front of many hosts finds the right one by it.
  if (!is_ip_address(server_name)) SSL_set_tlsext_host_name(tls.native_handle(), server_name.c_str());
  co_await tls.async_handshake(ssl::stream_base::client, redirected(error));
  co_return error;
}

async::Task<Stream::ErrorCode> Stream::handshake_as_server() {
  ErrorCode error;
  co_await std::get<TlsStream>(stream_).async_handshake(ssl::stream_base::server, redirected(error));
  co_return error;
}

async::Task<std::size_t> Stream::read_some(std::span<char> into, ErrorCode& error) {
  const asio::mutable_buffer buffer(into.data(), into.size());
  std::size_t count = 0;
  if (auto* plain = std::get_if<Socket>(&stream_)) {
    count = co_await plain->async_read_some(buffer, redirected(error));
  } else {
    count = co_await std::get<TlsStream>(stream_).async_read_some(buffer, redirected(error));
    if (error == ssl::error::stream_truncated) error = asio::error::eof;
  }
  co_return count;
}

async::Task<Stream::ErrorCode> Stream::write(std::string_view first, std::string_view second) {
  const std::array<asio::const_buffer, 2> pieces{asio::buffer(first), asio::buffer(second)};
  ErrorCode error;
  if (auto* plain = std::get_if<Socket>(&stream_)) {
    co_await asio::async_write(*plain, pieces, redirected(error));
  } else {
    co_await asio::async_write(std::get<TlsStream>(stream_), pieces, redirected(error));
  }
  co_return error;
}

void Stream::cancel() {
  ErrorCode ignored;
  lowest_layer().cancel(ignored);
}

void Stream::shutdown_send() {
  ErrorCode ignored;
  lowest_layer().shutdown(Socket::shutdown_send, ignored);
}

std::string Stream::peer_address() const {
  ErrorCode error;
  const auto endpoint = lowest_layer().remote_endpoint(error);
  if (error) return {};
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

void Stream::close() {
  ErrorCode ignored;
  lowest_layer().shutdown(Socket::shutdown_both, ignored);
  lowest_layer().close(ignored);
}

bool Stream::is_stale() {
  Socket& socket = lowest_layer();
  if (!socket.is_open()) return true;
  ErrorCode error;
  socket.non_blocking(true, error);
  char byte = 0;
  socket.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
  return error != asio::error::would_block;
}

SSL* Stream::ssl_handle() {
  auto* tls = std::get_if<TlsStream>(&stream_);
  return tls != nullptr ? tls->native_handle() : nullptr;
}

Stream::Socket& Stream::lowest_layer() {
  if (auto* plain = std::get_if<Socket>(&stream_)) return *plain;
  return std::get<TlsStream>(stream_).next_layer();
}

const Stream::Socket& Stream::lowest_layer() const {
  if (const auto* plain = std::get_if<Socket>(&stream_)) return *plain;
  return std::get<TlsStream>(stream_).next_layer();
}

}  // namespace net
