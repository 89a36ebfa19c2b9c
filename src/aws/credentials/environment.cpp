#include "aws/credentials/environment.hpp"

namespace aws {

async::Task<core::Result<Identity>> EnvironmentCredentials::get() {
  Identity identity{.access_key_id = environment_("AWS_ACCESS_KEY_ID"),
                    .secret_access_key = environment_("AWS_SECRET_ACCESS_KEY"),
                    .session_token = environment_("AWS_SESSION_TOKEN"),
                    .expires = std::nullopt,
                    .source = "environment (AWS_ACCESS_KEY_ID)"};
  if (identity.access_key_id.empty() && identity.secret_access_key.empty()) {
    co_return core::fail(core::ErrorKind::not_found, "AWS_ACCESS_KEY_ID is not set");
  }
  if (identity.access_key_id.empty() || identity.secret_access_key.empty()) {
    co_return core::fail(core::ErrorKind::invalid,
                         "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together");
  }
  co_return identity;
}

}  // namespace aws
