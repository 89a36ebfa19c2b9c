// HTTP messages as plain values. Nothing of Beast is seen here: the include firewall of the whole program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "async/task.hpp"
#include "core/error.hpp"

namespace net {

// In order of arrival; names compare without case; a name may stand more than once.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> entries) : entries_(entries) {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first
  [[nodiscard]] std::string_view get(std::string_view name) const;                  // the first, or ""
  void set(std::string_view name, std::string value);  // replaces all of that name
  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  void erase(std::string_view name);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

struct ClientCertificate {  // verified against the server's client CA
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> alternative_names;  // DNS names and URIs
};

// Who is at the other end of a server's connection.
struct Peer {
  std::string address;  // "127.0.0.1:40122"; empty in process
  std::optional<ClientCertificate> certificate;
  bool in_process = false;  // came through an InProcessTransport
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // origin form: path and query, percent-encoded
  Headers headers;
  std::string body;
  Peer peer;  // set by the server, ignored by clients

  [[nodiscard]] std::string_view path() const;   // still encoded
  [[nodiscard]] std::string_view query() const;  // still encoded, without '?'
};

// Decoded query parameters in order of arrival.
class Query {
 public:
  [[nodiscard]] static Query parse(std::string_view encoded);
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view get(std::string_view name) const;  // "" where absent
  [[nodiscard]] bool flag(std::string_view name) const;             // present and "true", "1" or empty

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// Where a handler writes a body piece by piece (watch).
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Returns when the piece is in the kernel's buffer. Error: unavailable once the other side has gone.
  [[nodiscard]] virtual async::Task<core::Result<>> write(std::string_view piece) = 0;
};
// Runs after the head was sent; is cancelled when the client goes or the server stops. The body ends when it
// returns.
using BodyStream = std::function<async::Task<>(BodyWriter&)>;

// What a handler answers.
struct Response {
  int status = 200;
  Headers headers;
  // A shared text is sent without a copy (the catalog's bytes).
  std::variant<std::string, std::shared_ptr<const std::string>, BodyStream> body;
};

// The request lives until the handler's response is sent, a stream's end included. An exception becomes 500
// (and a log line).
using Handler = std::function<async::Task<Response>(const Request&)>;

// What a client gets: the whole body read.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
};

}  // namespace net
