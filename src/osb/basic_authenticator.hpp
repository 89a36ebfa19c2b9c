// HTTP basic authentication (RFC 7617) of one or several users.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/hash.hpp"
#include "osb/authenticator.hpp"

namespace osb {

// Names and passwords are kept as SHA-256 digests, so that a check costs two digests and tells nothing by its
// time. They have no salt: a password that a person made up is safe only as long as the file is.
struct User {
  core::Sha256 name;
  core::Sha256 password;
};
[[nodiscard]] User make_user(std::string_view name, std::string_view password);

// A file of users: lines "name:password" or "name:{SHA256}<64 hex digits of the password's digest>"; empty
// lines and lines that begin with # are left out. Errors name the line, and never what stands in it: invalid
// (no colon, no name, a name twice, a digest of another kind, no users at all).
[[nodiscard]] core::Result<std::vector<User>> parse_users(std::string_view text);

class BasicAuthenticator final : public Authenticator {
 public:
  explicit BasicAuthenticator(std::vector<User> users) : users_(std::move(users)) {}
  void use(std::vector<User> users) { users_ = std::move(users); }

  [[nodiscard]] async::Task<core::Result<std::optional<Caller>>> authenticate(
      const net::Request& request) override;
  [[nodiscard]] std::string challenge() const override {
    return R"(Basic realm="aws-servicebroker", charset="UTF-8")";
  }
  [[nodiscard]] std::string description() const override { return "HTTP basic authentication"; }

 private:
  [[nodiscard]] std::optional<Caller> caller_of(const net::Headers& headers) const;
  std::vector<User> users_;
};

}  // namespace osb
