// Who may call the broker: one interface for every kind of credentials, and any of several together.
//
// Executor: the loop's thread. Credentials never come into an error's text, nor into a log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "net/http.hpp"

namespace osb {

struct Caller {
  std::string name;  // for the log: "broker", "system:serviceaccount:catalog:controller"
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // nullopt: the request brings no credentials of this kind, or wrong ones (401). Error: whether they are
  // right cannot be told now (503), whatever its kind. The request outlives the task.
  [[nodiscard]] virtual async::Task<core::Result<std::optional<Caller>>> authenticate(
      const net::Request& request) = 0;
  // The WWW-Authenticate header of a refusal; "" where there is none to give (client certificates).
  [[nodiscard]] virtual std::string challenge() const = 0;
  // "HTTP basic authentication": what a refusal says that this broker takes.
  [[nodiscard]] virtual std::string description() const = 0;
};

// All kinds of credentials that the broker takes: whoever brings those of one is in. Without any, everybody
// is, nameless.
class Authentication {
 public:
  void add(std::unique_ptr<Authenticator> authenticator) { members_.push_back(std::move(authenticator)); }
  [[nodiscard]] bool empty() const { return members_.empty(); }

  // Errors: unauthenticated (with status 401), unavailable.
  [[nodiscard]] async::Task<core::Result<Caller>> authenticate(const net::Request& request) const;
  [[nodiscard]] std::vector<std::string> challenges() const;
  [[nodiscard]] std::string description() const;  // of all: "HTTP basic authentication or a bearer token"

 private:
  std::vector<std::unique_ptr<Authenticator>> members_;
};

// The credentials of an Authorization header of this scheme ("basic", in lower case); "" where it is
// another's.
[[nodiscard]] std::string_view credentials_of(const net::Headers& headers, std::string_view scheme);

}  // namespace osb
