// The keys of a role, taken with another session's identity. Refreshed before they expire.
#pragma once

#include "aws/credentials/refreshing.hpp"
#include "aws/sts.hpp"

namespace aws {

class AssumeRoleCredentials final : public CredentialsProvider {
 public:
  // The session outlives this.
  AssumeRoleCredentials(Session& session, AssumeRoleInput role);
  [[nodiscard]] async::Task<core::Result<Identity>> get() override { return refreshing_.get(); }

 private:
  RefreshingCredentials refreshing_;
};

}  // namespace aws
