#include "authentication.hpp"

#include "core/file.hpp"
#include "osb/certificate_authenticator.hpp"
#include "token_review.hpp"

using core::ErrorKind;
using core::fail;

namespace {

// Of the flags and of the file together.
core::Result<std::vector<osb::User>> users_of(const Options& options) {
  std::vector<osb::User> users;
  if (!options.basic_auth_file.empty()) {
    const auto text = core::read_file(options.basic_auth_file);
    if (!text) return fail(text.error().with_context("--basic-auth-file"));
    auto parsed = osb::parse_users(*text);
    if (!parsed) return fail(parsed.error().with_context("--basic-auth-file " + options.basic_auth_file));
    users = std::move(*parsed);
  }
  if (!options.basic_auth) return users;
  if (options.basic_auth_user.empty() != options.basic_auth_password.empty() ||
      (options.basic_auth_user.empty() && users.empty())) {
    return fail(
        ErrorKind::invalid,
        "--enable-basic-auth needs SECURITY_USER_NAME and SECURITY_USER_PASSWORD, or --basic-auth-file");
  }
  if (options.basic_auth_user.find(':') != std::string::npos)
    return fail(ErrorKind::invalid, "a user name for basic authentication cannot have a colon");
  if (!options.basic_auth_user.empty())
    users.push_back(osb::make_user(options.basic_auth_user, options.basic_auth_password));
  return users;
}

core::Result<std::unique_ptr<osb::TokenReviewer>> token_reviewer_of(
    const Options& options, const boost::asio::any_io_executor& executor) {
  AllowedTokens allowed{.audiences = options.token_audiences,
                        .users = {options.token_users.begin(), options.token_users.end()},
                        .groups = {options.token_groups.begin(), options.token_groups.end()}};
  if (allowed.users.empty() && allowed.groups.empty()) {
    return fail(ErrorKind::invalid,
                "--token-review needs --token-users or --token-groups: without them every pod of the cluster "
                "could use the broker");
  }
  const auto config = kube::load_config({.path = options.kubeconfig});
  if (!config) return fail(config.error().with_context("--token-review"));
  auto connection = kube::connect(executor, *config, "aws-servicebroker", std::chrono::seconds(5));
  if (!connection) return fail(connection.error().with_context("--token-review"));
  return std::make_unique<KubernetesTokenReviewer>(std::move(*connection), std::move(allowed));
}

}  // namespace

core::Result<osb::Authentication> authentication_of(const Options& options,
                                                    const boost::asio::any_io_executor& executor,
                                                    async::Clock& clock, async::ReloadedFiles& reloaded) {
  osb::Authentication authentication;
  auto users = users_of(options);
  if (!users) return fail(std::move(users.error()));
  if (!users->empty()) {
    auto basic = std::make_unique<osb::BasicAuthenticator>(std::move(*users));
    reloaded.add("users of basic authentication", {options.basic_auth_file},
                 [&options, &authenticator = *basic]() -> core::Result<> {
                   auto renewed = users_of(options);
                   if (!renewed) return fail(std::move(renewed.error()));
                   authenticator.use(std::move(*renewed));
                   return {};
                 });
    authentication.add(std::move(basic));
  }
  if (options.token_review) {
    auto reviewer = token_reviewer_of(options, executor);
    if (!reviewer) return fail(std::move(reviewer.error()));
    authentication.add(std::make_unique<osb::BearerAuthenticator>(std::move(*reviewer), clock));
  }
  if (!options.client_ca_file.empty()) {
    authentication.add(std::make_unique<osb::CertificateAuthenticator>(
        std::set<std::string, std::less<>>(options.client_names.begin(), options.client_names.end())));
  } else if (!options.client_names.empty()) {
    return fail(ErrorKind::invalid, "--client-names needs --client-ca-file");
  }
  return authentication;
}
