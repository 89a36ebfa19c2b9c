#include "net/server_connection.hpp"

#include <array>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/http/error.hpp>

#include "core/json.hpp"
#include "core/log.hpp"

namespace net {

namespace {

constexpr std::size_t read_piece = 16 * 1024;
constexpr std::chrono::milliseconds handshake_limit{10'000};

std::size_t size_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
  return (*std::get_if<std::shared_ptr<const std::string>>(&response.body))->size();
}

std::string_view text_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  return **std::get_if<std::shared_ptr<const std::string>>(&response.body);
}

Request to_request(http::request<http::string_body> message, const Peer& peer) {
  const auto method = message.method_string();
  const auto target = message.target();
  return {.method = std::string(method.data(), method.size()),
          .target = std::string(target.data(), target.size()),
          .headers = to_headers(message),
          .body = std::move(message.body()),
          .peer = peer};
}

}  // namespace

// Writes pieces of a streamed body; each under the server's write limit.
class StreamWriter final : public BodyWriter {
 public:
  StreamWriter(ServerConnection& connection, bool chunked) : connection_(connection), chunked_(chunked) {}

  async::Task<core::Result<>> write(std::string_view piece) override {
    if (piece.empty()) co_return core::Result<>();
    connection_.must_finish_in(connection_.options_.write_timeout);
    Stream::ErrorCode error;
    if (chunked_) {
      std::string framed = chunk_head(piece.size());
      framed.append(piece).append("\r\n");
      error = co_await connection_.stream_.write(framed);
    } else {
      error = co_await connection_.stream_.write(piece);
    }
    connection_.no_deadline();
    if (error) co_return core::fail(core::ErrorKind::unavailable, "the client has gone: " + error.message());
    co_return core::Result<>();
  }

 private:
  ServerConnection& connection_;
  bool chunked_;
};

ServerConnection::ServerConnection(Stream::Socket socket, const SslContext& context,
                                   const ServerOptions& options, const Handler& handler)
    : stream_(std::move(socket), context), options_(options), handler_(handler) {
  peer_.address = stream_.peer_address();
}

async::Task<> ServerConnection::run() {
  if (stream_.ssl_handle() != nullptr) {
    must_finish_in(std::min(options_.idle_timeout, handshake_limit));
    const auto error = co_await stream_.handshake_as_server();
    if (error) {
      core::log::debug("TLS handshake failed", {{"peer", peer_.address}, {"error", error.message()}});
      co_return;
    }
    peer_.certificate = peer_certificate(stream_.ssl_handle());
  }
  while (co_await serve_one()) {
  }
  stream_.close();
}

async::Task<bool> ServerConnection::serve_one() {
  Parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
  parser.body_limit(options_.max_body_bytes);
  const ReadOutcome outcome = co_await read_request(parser);
  if (outcome != ReadOutcome::complete) co_return false;
  const bool http10 = parser.get().version() < 11;
  const bool keep_alive = parser.keep_alive();
  const Request request = to_request(parser.release(), peer_);
  no_deadline();
  Response response = co_await handle(request);
  const bool goes_on = co_await answer(request, std::move(response), keep_alive && !draining_, http10);
  idle_ = true;
  co_return goes_on && !draining_;
}

async::Task<ServerConnection::ReadOutcome> ServerConnection::read_request(Parser& parser) {
  must_finish_in(options_.idle_timeout);
  bool started = false;
  bool continued = false;
  while (true) {
    if (buffer_.size() > 0) {
      if (!started) {
        started = true;
        idle_ = false;
        must_finish_in(options_.read_timeout);
      }
      boost::system::error_code error;
      const std::size_t used = parser.put(buffer_.data(), error);
      buffer_.consume(used);
      if (error == http::error::need_more) error = {};
      if (error == http::error::header_limit) {
        co_await refuse(
            431, "HeaderTooLarge",
            "The request's header is larger than " + std::to_string(options_.max_header_bytes) + " bytes.");
        co_return ReadOutcome::refused;
      }
      if (error == http::error::body_limit) {
        co_await refuse(
            413, "BodyTooLarge",
            "The request's body is larger than " + std::to_string(options_.max_body_bytes) + " bytes.");
        co_return ReadOutcome::refused;
      }
      if (error) {
        co_await refuse(400, "MalformedRequest", "This is not an HTTP/1.1 request: " + error.message() + ".");
        co_return ReadOutcome::refused;
      }
      if (parser.is_done()) co_return ReadOutcome::complete;
      if (parser.is_header_done() && !continued && parser.get()[http::field::expect] == "100-continue") {
        continued = true;
        if (co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return ReadOutcome::closed;
      }
    }
    Stream::ErrorCode error;
    const auto room = buffer_.prepare(read_piece);
    const std::size_t count =
        co_await stream_.read_some({static_cast<char*>(room.data()), room.size()}, error);
    buffer_.commit(count);
    if (error && late_ && started) {
      co_await refuse(408, "RequestTimeout", "The request was not complete in time.");
      co_return ReadOutcome::refused;
    }
    if (error) co_return ReadOutcome::closed;
  }
}

async::Task<> ServerConnection::refuse(int status, std::string_view code, std::string_view description) {
  // What is late has been closed for reading only; a short while is left to say why.
  must_finish_in(std::chrono::milliseconds(1000));
  const std::string body = core::to_text(boost::json::object{{"error", code}, {"description", description}});
  const Headers headers{{"Content-Type", "application/json"}};
  const std::string head = write_response_head(
      {.status = status, .headers = &headers, .content_length = body.size(), .keep_alive = false});
  const auto error = co_await stream_.write(head, body);
  if (error) co_return;
  // Closing while the client still sends would reset the connection before it reads the answer.
  stream_.shutdown_send();
  std::array<char, 4096> sink{};
  Stream::ErrorCode ended;
  while (!ended) co_await stream_.read_some(sink, ended);
}

async::Task<Response> ServerConnection::handle(const Request& request) {
  try {
    co_return co_await handler_(request);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    core::log::error("A handler failed",
                     {{"method", request.method}, {"path", request.path()}, {"exception", error.what()}});
  } catch (const std::exception& error) {
    core::log::error("A handler failed",
                     {{"method", request.method}, {"path", request.path()}, {"exception", error.what()}});
  }
  co_return Response{
      .status = 500,
      .headers = {{"Content-Type", "application/json"}},
      .body =
          R"({"error":"InternalError","description":"The server failed to handle the request; its log says why."})"};
}

async::Task<bool> ServerConnection::answer(const Request& request, Response response, bool keep_alive,
                                           bool http10) {
  const bool is_stream = std::holds_alternative<BodyStream>(response.body);
  const bool chunked = is_stream && !http10;
  if (is_stream && http10) keep_alive = false;  // only its end tells where such a body ends
  ResponseHead head{.status = response.status,
                    .headers = &response.headers,
                    .content_length = {},
                    .keep_alive = keep_alive};
  if (!is_stream) head.content_length = size_of(response);
  std::string head_text = write_response_head(head);
  if (is_stream && request.method != "HEAD") {
    const bool complete =
        co_await answer_with_stream(std::get<BodyStream>(response.body), std::move(head_text), chunked);
    co_return complete&& keep_alive;
  }
  must_finish_in(options_.write_timeout);
  const bool has_body =
      !is_stream && request.method != "HEAD" && response.status != 204 && response.status != 304;
  const auto error = co_await stream_.write(head_text, has_body ? text_of(response) : std::string_view());
  co_return !error && keep_alive;
}

async::Task<bool> ServerConnection::answer_with_stream(const BodyStream& body, std::string head,
                                                       bool chunked) {
  must_finish_in(options_.write_timeout);
  const auto head_error = co_await stream_.write(head);
  if (head_error) co_return false;
  no_deadline();
  streaming_ = true;
  StreamWriter writer(*this, chunked);
  using boost::asio::experimental::awaitable_operators::operator||;
  const auto first = co_await (body(writer) || wait_for_hang_up());
  streaming_ = false;
  if (first.index() != 0) co_return false;
  if (!chunked) co_return false;
  must_finish_in(options_.write_timeout);
  const auto end_error = co_await stream_.write(last_chunk);
  co_return !end_error;
}

// Nothing may follow a request whose answer is streamed, so that a byte or the end means that the client has
// gone.
async::Task<> ServerConnection::wait_for_hang_up() {
  if (draining_) co_return;
  std::array<char, 1> byte{};
  Stream::ErrorCode error;
  co_await stream_.read_some(byte, error);
}

void ServerConnection::close_if_late(std::chrono::steady_clock::time_point now) {
  if (now < deadline_) return;
  if (!late_ && !idle_) {
    late_ = true;  // the reader gets to say 408
    deadline_ = now + std::chrono::milliseconds(1000);
    stream_.cancel();
    return;
  }
  stream_.close();
}

void ServerConnection::drain() {
  draining_ = true;
  if (idle_ || streaming_) stream_.close();
}

}  // namespace net
