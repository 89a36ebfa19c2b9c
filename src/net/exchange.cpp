#include "net/exchange.hpp"

#include <limits>

#include <boost/beast/http/error.hpp>

#include "async/cancellation.hpp"

namespace net {

namespace {

constexpr std::size_t read_piece = 16 * 1024;
constexpr int max_interim_answers = 16;

}  // namespace

Exchange::Exchange(std::shared_ptr<ConnectionPool> pool, ConnectionPtr connection, bool expects_body)
    : pool_(std::move(pool)), connection_(std::move(connection)), expects_body_(expects_body) {
  expect_message();
}

void Exchange::expect_message() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(pool_->options().max_header_bytes));
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  parser_->skip(!expects_body_);
}

Exchange::~Exchange() {
  if (!finished_ && connection_) connection_->stream.close();
}

async::Task<Stream::ErrorCode> Exchange::fill() {
  Stream::ErrorCode error;
  const auto room = connection_->buffer.prepare(read_piece);
  const std::size_t count =
      co_await connection_->stream.read_some({static_cast<char*>(room.data()), room.size()}, error);
  connection_->buffer.commit(count);
  if (count > 0) nothing_read_ = false;
  co_return error;
}

std::unexpected<core::Error> Exchange::no_http(const Stream::ErrorCode& error) const {
  const std::string who = pool_->origin().scheme + "://" + pool_->origin().authority();
  return core::fail(core::ErrorKind::protocol, who + " did not return valid HTTP/1.1: " + error.message());
}

async::Task<core::Result<>> Exchange::read_head() {
  int interim_answers = 0;
  bool needs_more = true;
  while (true) {
    Stream::ErrorCode error;
    if (needs_more) {
      error = co_await fill();
      co_await async::throw_if_cancelled();
      if (error) co_return pool_->unreachable("the connection ended before the answer: " + error.message());
    }
    const std::size_t used = parser_->put(connection_->buffer.data(), error);
    connection_->buffer.consume(used);
    if (error && error != http::error::need_more && error != http::error::need_buffer)
      co_return no_http(error);
    needs_more = true;
    if (!parser_->is_header_done()) continue;
    if (status() >= 200) break;
    // Nobody asked for 101: what follows would be no HTTP.
    if (status() == 101 || ++interim_answers > max_interim_answers) {
      co_return core::fail(core::ErrorKind::protocol,
                           pool_->origin().scheme + "://" + pool_->origin().authority() +
                               " answered with status " + std::to_string(status()) + " unasked");
    }
    expect_message();
    needs_more = connection_->buffer.size() == 0;
  }
  if (parser_->is_done()) finish();
  co_return core::Result<>();
}

async::Task<core::Result<std::string>> Exchange::read_some() {
  std::string piece(read_piece, '\0');
  while (!parser_->is_done()) {
    parser_->get().body().data = piece.data();
    parser_->get().body().size = piece.size();
    Stream::ErrorCode error;
    if (connection_->buffer.size() > 0) {
      const std::size_t used = parser_->put(connection_->buffer.data(), error);
      connection_->buffer.consume(used);
      if (error == http::error::need_buffer || error == http::error::need_more) error = {};
      if (error) co_return no_http(error);
      const std::size_t produced = piece.size() - parser_->get().body().size;
      if (produced > 0) {
        piece.resize(produced);
        if (parser_->is_done()) finish();
        co_return piece;
      }
      if (parser_->is_done()) break;
      if (used > 0 && connection_->buffer.size() > 0) continue;
    }
    error = co_await fill();
    co_await async::throw_if_cancelled();
    if (error == boost::asio::error::eof && parser_->need_eof()) {
      Stream::ErrorCode ended;
      parser_->put_eof(ended);
      connection_->stream.close();
      if (ended) co_return no_http(ended);
      break;
    }
    if (error)
      co_return pool_->unreachable("the connection ended in the middle of the answer: " + error.message());
  }
  finish();
  co_return std::string();
}

void Exchange::finish() {
  if (finished_) return;
  finished_ = true;
  if (parser_->keep_alive() && !parser_->need_eof()) {
    pool_->give_back(std::move(connection_));
  } else {
    connection_->stream.close();
  }
}

}  // namespace net
