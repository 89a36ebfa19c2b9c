// Private to net/: one connection of the server, from its handshake to its end.
//
// Deadlines cost no timer per request: the connection notes when its present step must be done, and the
// server's sweep closes those that are late.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/codec.hpp"
#include "net/server.hpp"
#include "net/stream.hpp"

namespace net {

class ServerConnection {
 public:
  ServerConnection(Stream::Socket socket, const SslContext& context, const ServerOptions& options,
                   const Handler& handler);

  [[nodiscard]] async::Task<> run();

  // For the server's sweep and drain.
  void close_if_late(std::chrono::steady_clock::time_point now);
  void drain();  // closes at once where no request is under way, else after its response; ends a stream
  void close() { stream_.close(); }

 private:
  using Parser = http::request_parser<http::string_body>;
  enum class ReadOutcome { complete, closed, refused };

  [[nodiscard]] async::Task<bool> serve_one();  // false: the connection is at its end
  [[nodiscard]] async::Task<ReadOutcome> read_request(Parser& parser);
  [[nodiscard]] async::Task<> refuse(int status, std::string_view code, std::string_view description);
  [[nodiscard]] async::Task<Response> handle(const Request& request);
  [[nodiscard]] async::Task<bool> answer(const Request& request, Response response, bool keep_alive,
                                         bool http10);
  [[nodiscard]] async::Task<bool> answer_with_stream(const BodyStream& body, std::string head, bool chunked);
  [[nodiscard]] async::Task<> wait_for_hang_up();
  void must_finish_in(std::chrono::milliseconds limit) {
    deadline_ = std::chrono::steady_clock::now() + limit;
  }
  void no_deadline() { deadline_ = std::chrono::steady_clock::time_point::max(); }

  friend class StreamWriter;

  Stream stream_;
  const ServerOptions& options_;
  const Handler& handler_;
  Peer peer_;
  boost::beast::flat_buffer buffer_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  bool late_ = false;
  bool draining_ = false;
  bool idle_ = true;  // no request is under way
  bool streaming_ = false;
};

}  // namespace net
