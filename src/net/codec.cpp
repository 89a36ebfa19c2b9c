#include "net/codec.hpp"

#include <charconv>

#include <boost/beast/http/status.hpp>

namespace net {

namespace {

bool breaks_message(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

}  // namespace

Headers to_headers(const http::fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    const auto name = field.name_string();
    const auto value = field.value();
    headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  return headers;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  if (breaks_message(name) || breaks_message(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string write_response_head(const ResponseHead& head) {
  std::string out;
  out.reserve(256);
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(head.status)));
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : *head.headers) append_header(out, name, value);
  if (!has_no_body(head.status)) {
    if (head.content_length) {
      append_header(out, "Content-Length", std::to_string(*head.content_length));
    } else {
      append_header(out, "Transfer-Encoding", "chunked");
    }
  }
  if (!head.keep_alive) append_header(out, "Connection", "close");
  out.append("\r\n");
  return out;
}

std::string write_request_head(const Request& request, std::string_view host, std::string_view user_agent) {
  std::string out;
  out.reserve(512);
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  if (!request.headers.find("Host")) append_header(out, "Host", host);
  if (!request.headers.find("User-Agent")) append_header(out, "User-Agent", user_agent);
  for (const auto& [name, value] : request.headers) append_header(out, name, value);
  const bool may_have_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
  if (!request.headers.find("Content-Length") && (may_have_body || !request.body.empty())) {
    append_header(out, "Content-Length", std::to_string(request.body.size()));
  }
  out.append("\r\n");
  return out;
}

std::string chunk_head(std::size_t size) {
  char buffer[18];
  char* end = std::to_chars(buffer, buffer + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {buffer, end};
}

}  // namespace net
