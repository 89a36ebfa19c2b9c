#include "aws/credentials/web_identity.hpp"

#include "aws/sts.hpp"
#include "core/file.hpp"

namespace aws {

async::Task<core::Result<Identity>> WebIdentityCredentials::get() {
  const std::string token_file = base_.environment("AWS_WEB_IDENTITY_TOKEN_FILE");
  const std::string role_arn = base_.environment("AWS_ROLE_ARN");
  if (token_file.empty())
    co_return core::fail(core::ErrorKind::not_found, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  if (role_arn.empty()) {
    co_return core::fail(core::ErrorKind::invalid,
                         "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  }
  auto token = core::read_file(token_file, 64 * 1024);
  if (!token) co_return core::fail(core::ErrorKind::invalid, "web identity: " + token.error().message);
  while (!token->empty() && (token->back() == '\n' || token->back() == ' ')) token->pop_back();
  SessionOptions options = base_;
  // STS does not look at the signature of this call: the token is the proof.
  options.credentials = std::make_shared<StaticCredentials>(Identity{.access_key_id = "web-identity",
                                                                     .secret_access_key = "none",
                                                                     .session_token = {},
                                                                     .expires = {},
                                                                     .source = {}});
  Session session(std::move(options));
  Sts sts(session);
  std::string name = base_.environment("AWS_ROLE_SESSION_NAME");
  if (name.empty()) name = "chandlery";
  auto identity = co_await sts.assume_role_with_web_identity(role_arn, std::move(name), std::move(*token));
  if (!identity) co_return core::fail(identity.error().with_context("web identity (" + token_file + ")"));
  identity->source = "web identity (" + token_file + ", role " + role_arn + ")";
  co_return identity;
}

}  // namespace aws
