#include "aws/credentials/metadata.hpp"

#include <algorithm>
#include <array>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "net/client.hpp"

namespace aws {

namespace {

using core::ErrorKind;
using core::fail;

constexpr std::chrono::milliseconds metadata_timeout{1'000};
constexpr std::chrono::milliseconds container_timeout{5'000};
constexpr const char* token_header = "X-aws-ec2-metadata-token";

async::Task<core::Result<net::Reply>> fetch(boost::asio::any_io_executor executor, net::Url url,
                                            net::Request request, std::chrono::milliseconds timeout) {
  net::ClientOptions options;
  options.connect_timeout = timeout;
  auto client = net::Client::create(std::move(executor), std::move(url), std::move(options));
  if (!client) co_return fail(std::move(client.error()));
  const net::CallOptions call_options{.timeout = timeout, .max_body = 64 * 1024};
  co_return co_await (*client)->send(std::move(request), call_options);
}

core::Result<Identity> to_identity(const net::Reply& reply, const std::string& source) {
  if (reply.status != 200)
    return fail(ErrorKind::unavailable, source + " answered with status " + std::to_string(reply.status));
  const auto body = core::parse_json(reply.body);
  if (!body) return fail(ErrorKind::protocol, source + " did not return JSON");
  Identity identity{.access_key_id = std::string(core::find_string(*body, {"AccessKeyId"})),
                    .secret_access_key = std::string(core::find_string(*body, {"SecretAccessKey"})),
                    .session_token = std::string(core::find_string(*body, {"Token"})),
                    .expires = core::parse_rfc3339(core::find_string(*body, {"Expiration"})),
                    .source = source};
  if (identity.access_key_id.empty() || identity.secret_access_key.empty())
    return fail(ErrorKind::protocol, source + " answered without keys");
  return identity;
}

// Over http only to where the answer cannot be read or forged by others.
bool may_be_asked(const net::Url& url) {
  constexpr std::array<std::string_view, 6> hosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                                  "localhost",     "127.0.0.1",      "::1"};
  return url.tls() || url.host.starts_with("127.") || std::ranges::find(hosts, url.host) != hosts.end();
}

core::Result<std::string> authorization_token(const Environment& environment) {
  const std::string file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (file.empty()) return environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  auto token = core::read_file(file, 64 * 1024);
  if (!token) return fail(ErrorKind::invalid, "container credentials: " + token.error().message);
  while (!token->empty() && token->back() == '\n') token->pop_back();
  if (token->find_first_of("\r\n") != std::string::npos)
    return fail(ErrorKind::invalid, "container credentials: the token has a line break");
  return token;
}

}  // namespace

async::Task<core::Result<Identity>> ContainerCredentials::get() {
  const std::string relative = environment_("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = environment_("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty())
    co_return fail(ErrorKind::not_found, "AWS_CONTAINER_CREDENTIALS_… is not set");
  auto url = net::Url::parse(relative.empty() ? full : "http://169.254.170.2" + relative);
  if (!url) co_return fail(ErrorKind::invalid, "container credentials: " + url.error().message);
  if (!may_be_asked(*url)) {
    co_return fail(ErrorKind::invalid,
                   "container credentials: " + url->to_string() + " is neither https nor a local address");
  }
  auto token = authorization_token(environment_);
  if (!token) co_return fail(std::move(token.error()));
  net::Request request{.method = "GET", .target = url->path + (url->query.empty() ? "" : "?" + url->query)};
  if (request.target.empty()) request.target = "/";
  if (!token->empty()) request.headers.set("Authorization", *token);
  const std::string source = "container credentials (" + url->scheme + "://" + url->authority() + ")";
  auto reply = co_await fetch(executor_, *url, std::move(request), container_timeout);
  if (!reply) co_return fail(reply.error().with_context(source));
  co_return to_identity(*reply, source);
}

async::Task<core::Result<Identity>> InstanceCredentials::get() {
  if (environment_("AWS_EC2_METADATA_DISABLED") == "true")
    co_return fail(ErrorKind::not_found, "AWS_EC2_METADATA_DISABLED is true");
  std::string endpoint = environment_("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const bool configured = !endpoint.empty();
  if (!configured) endpoint = "http://169.254.169.254";
  auto url = net::Url::parse(endpoint);
  if (!url) co_return fail(ErrorKind::invalid, "AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().message);

  net::Request token_request{.method = "PUT", .target = url->path + "/latest/api/token"};
  token_request.headers.set("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  auto token = co_await fetch(executor_, *url, std::move(token_request), metadata_timeout);
  if (!token || token->status != 200) {
    const ErrorKind kind = configured ? ErrorKind::unavailable : ErrorKind::not_found;
    co_return fail(
        kind, "no instance metadata service at " + endpoint + (token ? "" : ": " + token.error().message));
  }
  const std::string path = url->path + "/latest/meta-data/iam/security-credentials/";
  net::Request role_request{.method = "GET", .target = path};
  role_request.headers.set(token_header, token->body);
  auto role = co_await fetch(executor_, *url, std::move(role_request), metadata_timeout);
  if (!role) co_return fail(role.error().with_context("instance metadata"));
  const std::string name = role->body.substr(0, role->body.find('\n'));
  if (role->status == 404 || name.empty())
    co_return fail(ErrorKind::not_found, "this instance has no IAM role");
  net::Request request{.method = "GET", .target = path + core::percent_encode(name)};
  request.headers.set(token_header, token->body);
  auto reply = co_await fetch(executor_, *url, std::move(request), metadata_timeout);
  if (!reply) co_return fail(reply.error().with_context("instance metadata"));
  co_return to_identity(*reply, "instance metadata (role " + name + ")");
}

}  // namespace aws
