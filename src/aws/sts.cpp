#include "aws/sts.hpp"

#include "aws/query_protocol.hpp"

namespace aws {

namespace {

constexpr const char* version = "2011-06-15";

core::Result<Identity> to_identity(const pugi::xml_node& result, const std::string& role_arn) {
  const pugi::xml_node credentials = result.child("Credentials");
  Identity identity{.access_key_id = credentials.child_value("AccessKeyId"),
                    .secret_access_key = credentials.child_value("SecretAccessKey"),
                    .session_token = credentials.child_value("SessionToken"),
                    .expires = core::parse_rfc3339(credentials.child_value("Expiration")),
                    .source = "role " + role_arn};
  if (identity.access_key_id.empty() || identity.secret_access_key.empty()) {
    return core::fail(core::ErrorKind::protocol, "STS answered without credentials for " + role_arn);
  }
  return identity;
}

}  // namespace

async::Task<core::Result<CallerIdentity>> Sts::get_caller_identity() {
  auto answer = co_await call_query(session_, Service::sts, version, "GetCallerIdentity", {});
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return CallerIdentity{.account = answer->result.child_value("Account"),
                           .arn = answer->result.child_value("Arn")};
}

async::Task<core::Result<Identity>> Sts::assume_role(AssumeRoleInput input) {
  QueryParameters query;
  query.add("RoleArn", input.role_arn);
  query.add("RoleSessionName", input.session_name);
  query.add_if("ExternalId", input.external_id);
  auto answer = co_await call_query(session_, Service::sts, version, "AssumeRole", std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return to_identity(answer->result, input.role_arn);
}

async::Task<core::Result<Identity>> Sts::assume_role_with_web_identity(std::string role_arn,
                                                                       std::string session_name,
                                                                       std::string token) {
  QueryParameters query;
  query.add("RoleArn", role_arn);
  query.add("RoleSessionName", session_name);
  query.add("WebIdentityToken", token);
  auto answer =
      co_await call_query(session_, Service::sts, version, "AssumeRoleWithWebIdentity", std::move(query));
  if (!answer) co_return core::fail(std::move(answer.error()));
  co_return to_identity(answer->result, role_arn);
}

}  // namespace aws
