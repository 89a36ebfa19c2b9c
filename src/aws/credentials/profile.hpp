// A profile of the shared files: keys, credential_process, or role_arn with source_profile.
#pragma once

#include <string>

#include "async/blocking_pool.hpp"
#include "aws/credentials/provider.hpp"
#include "aws/credentials/shared_files.hpp"
#include "aws/session.hpp"

namespace aws {

struct ProfileOptions {
  std::string profile;                  // "" for AWS_PROFILE or "default"
  bool must_exist = false;              // a profile that was asked for by name and is not there is an error
  SessionOptions base;                  // for STS calls of role_arn; its credentials are replaced
  async::BlockingPool* pool = nullptr;  // credential_process runs there
};

class ProfileCredentials final : public CredentialsProvider {
 public:
  explicit ProfileCredentials(ProfileOptions options) : options_(std::move(options)) {}
  // Reads the files anew each time: a rotated key is seen at the next refresh.
  [[nodiscard]] async::Task<core::Result<Identity>> get() override;

 private:
  [[nodiscard]] async::Task<core::Result<Identity>> of_profile(SharedFiles files, std::string profile,
                                                               int depth);
  [[nodiscard]] async::Task<core::Result<Identity>> of_role(SharedFiles files, std::string profile,
                                                            ProfileSettings settings, int depth);
  [[nodiscard]] async::Task<core::Result<Identity>> of_process(std::string profile, std::string command);

  ProfileOptions options_;
};

}  // namespace aws
