// Private to net/: one answer while it is read from a connection, by Beast's parser.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/codec.hpp"
#include "net/connection_pool.hpp"

namespace net {

// Owns the connection; gives it back to the pool at the answer's end, closes it when destroyed before.
class Exchange final : public IncomingBody {
 public:
  Exchange(std::shared_ptr<ConnectionPool> pool, ConnectionPtr connection, bool expects_body);
  ~Exchange() override;

  // Passes over interim answers (RFC 9110 §15.2). Errors: unavailable (the connection ended), protocol (what
  // is no HTTP, head too large).
  [[nodiscard]] async::Task<core::Result<>> read_head();
  [[nodiscard]] bool nothing_was_read() const { return nothing_read_; }
  [[nodiscard]] int status() const { return static_cast<int>(parser_->get().result_int()); }
  [[nodiscard]] Headers headers() const { return to_headers(parser_->get()); }

  // Of the body still to come, where the head told it.
  [[nodiscard]] std::uint64_t announced_length() const {
    return parser_->is_done() ? 0 : parser_->content_length_remaining().value_or(0);
  }

  [[nodiscard]] async::Task<core::Result<std::string>> read_some() override;

 private:
  void expect_message();
  [[nodiscard]] async::Task<Stream::ErrorCode> fill();
  [[nodiscard]] std::unexpected<core::Error> no_http(const Stream::ErrorCode& error) const;
  void finish();

  std::shared_ptr<ConnectionPool> pool_;
  ConnectionPtr connection_;
  std::optional<http::response_parser<http::buffer_body>>
      parser_;  // of one message: interim answers have their own
  bool expects_body_;
  bool nothing_read_ = true;
  bool finished_ = false;
};

}  // namespace net
