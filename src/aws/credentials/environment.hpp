// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/endpoints.hpp"

namespace aws {

class EnvironmentCredentials final : public CredentialsProvider {
 public:
  explicit EnvironmentCredentials(Environment environment) : environment_(std::move(environment)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  Environment environment_;
};

}  // namespace aws
