// The sources in the order in which the AWS SDKs ask them: environment, web identity, shared files,
// container, instance. The first that is configured is used; if it does not work, that is the error, and no
// other is tried in its place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "async/blocking_pool.hpp"
#include "aws/credentials/provider.hpp"
#include "aws/session.hpp"

namespace aws {

class CredentialsChain final : public CredentialsProvider {
 public:
  explicit CredentialsChain(std::vector<std::shared_ptr<CredentialsProvider>> providers)
      : providers_(std::move(providers)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  std::vector<std::shared_ptr<CredentialsProvider>> providers_;
};

struct CredentialSettings {
  std::string access_key_id, secret_access_key;  // given by flags: then nothing else is asked
  std::string profile;                           // given by a flag: then only this profile is asked
};
// `base` is what STS calls are made with (its credentials are replaced); the pool and the base's clock
// outlive the provider. Refreshed before they expire.
[[nodiscard]] core::Result<std::shared_ptr<CredentialsProvider>> make_credentials(
    const CredentialSettings& settings, boost::asio::any_io_executor executor, async::BlockingPool& pool,
    const SessionOptions& base);

}  // namespace aws
