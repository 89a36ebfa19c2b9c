#include "authentication.hpp"

using core::ErrorKind;
using core::fail;

core::Result<std::vector<osb::User>> users_of(const Options& options) {
  std::vector<osb::User> users;
  if (!options.basic_auth) return users;
  if (options.basic_auth_user.empty() || options.basic_auth_password.empty()) {
    return fail(ErrorKind::invalid,
                "--enable-basic-auth needs SECURITY_USER_NAME and SECURITY_USER_PASSWORD");
  }
  users.push_back({.name = options.basic_auth_user, .password = options.basic_auth_password});
  return users;
}
