#include "authentication.hpp"

#include "osb/basic_authenticator.hpp"

using core::ErrorKind;
using core::fail;

core::Result<osb::Authentication> authentication_of(const Options& options) {
  osb::Authentication authentication;
  if (!options.basic_auth) return authentication;
  if (options.basic_auth_user.empty() || options.basic_auth_password.empty()) {
    return fail(ErrorKind::invalid,
                "--enable-basic-auth needs SECURITY_USER_NAME and SECURITY_USER_PASSWORD");
  }
  authentication.add(std::make_unique<osb::BasicAuthenticator>(
      std::vector{osb::make_user(options.basic_auth_user, options.basic_auth_password)}));
  return authentication;
}
