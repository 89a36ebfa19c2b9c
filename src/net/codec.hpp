// Private to net/: HTTP/1.1 messages to and from bytes, on Beast's parsers and without its I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include "net/http.hpp"

namespace net {

namespace http = boost::beast::http;

[[nodiscard]] Headers to_headers(const http::fields& fields);

// Names and values that would break the message (CR, LF, NUL) are left out.
void append_header(std::string& out, std::string_view name, std::string_view value);

struct ResponseHead {
  int status = 200;
  const Headers* headers = nullptr;
  std::optional<std::size_t> content_length;  // nullopt: chunked (or none for a status without body)
  bool keep_alive = true;
};
[[nodiscard]] std::string write_response_head(const ResponseHead& head);

// The request's head with Host, Content-Length and User-Agent where it has none.
[[nodiscard]] std::string write_request_head(const Request& request, std::string_view host,
                                             std::string_view user_agent);

// "5\r\n" … "\r\n" around a piece of a chunked body.
[[nodiscard]] std::string chunk_head(std::size_t size);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace net
