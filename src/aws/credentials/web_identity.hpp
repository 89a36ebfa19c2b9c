// AWS_WEB_IDENTITY_TOKEN_FILE + AWS_ROLE_ARN: IAM roles for service accounts.
#pragma once

#include "aws/credentials/provider.hpp"
#include "aws/session.hpp"

namespace aws {

class WebIdentityCredentials final : public CredentialsProvider {
 public:
  // `base`: for the STS call, which is not signed by anyone; its credentials are not asked.
  explicit WebIdentityCredentials(SessionOptions base) : base_(std::move(base)) {}
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  SessionOptions base_;
};

}  // namespace aws
