#include "aws/credentials/chain.hpp"

#include "aws/credentials/environment.hpp"
#include "aws/credentials/metadata.hpp"
#include "aws/credentials/profile.hpp"
#include "aws/credentials/refreshing.hpp"
#include "aws/credentials/web_identity.hpp"

namespace aws {

async::Task<core::Result<Identity>> CredentialsChain::get() {
  std::string asked;
  for (const auto& provider : providers_) {
    auto identity = co_await provider->get();
    if (identity || identity.error().kind != core::ErrorKind::not_found) co_return identity;
    asked += (asked.empty() ? "" : "; ") + identity.error().message;
  }
  co_return core::fail(core::ErrorKind::unauthenticated, "no AWS credentials found: " + asked);
}

core::Result<std::shared_ptr<CredentialsProvider>> make_credentials(const CredentialSettings& settings,
                                                                    boost::asio::any_io_executor executor,
                                                                    async::BlockingPool& pool,
                                                                    const SessionOptions& base) {
  if (settings.access_key_id.empty() != settings.secret_access_key.empty()) {
    return core::fail(core::ErrorKind::invalid, "the key ID and the secret key must be set together");
  }
  if (!settings.access_key_id.empty()) {
    return std::make_shared<StaticCredentials>(
        Identity{.access_key_id = settings.access_key_id,
                 .secret_access_key = settings.secret_access_key,
                 .session_token = {},
                 .expires = {},
                 .source = "flags (key id " + settings.access_key_id + ")"});
  }
  const auto profile = [&](bool must_exist) {
    return std::make_shared<ProfileCredentials>(
        ProfileOptions{.profile = settings.profile, .must_exist = must_exist, .base = base, .pool = &pool});
  };
  if (!settings.profile.empty()) return std::make_shared<RefreshingCredentials>(profile(true), *base.clock);
  std::vector<std::shared_ptr<CredentialsProvider>> providers{
      std::make_shared<EnvironmentCredentials>(base.environment),
      std::make_shared<WebIdentityCredentials>(base), profile(false),
      std::make_shared<ContainerCredentials>(executor, base.environment),
      std::make_shared<InstanceCredentials>(executor, base.environment)};
  return std::make_shared<RefreshingCredentials>(std::make_shared<CredentialsChain>(std::move(providers)),
                                                 *base.clock);
}

}  // namespace aws
