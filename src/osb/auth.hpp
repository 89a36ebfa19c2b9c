// Who may call the broker: HTTP basic authentication, of one or several users.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace osb {

struct User {
  std::string name;
  std::string password;
};

// The accepted Authorization headers are kept as SHA-256 digests, so that a check costs one digest and tells
// nothing by its time.
class BasicAuthenticator {
 public:
  explicit BasicAuthenticator(const std::vector<User>& users);
  [[nodiscard]] bool accepts(const net::Headers& headers) const;

 private:
  std::vector<std::string> digests_;
};

}  // namespace osb
