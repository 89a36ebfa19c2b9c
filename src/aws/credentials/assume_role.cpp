#include "aws/credentials/assume_role.hpp"

namespace aws {

namespace {

class RoleSource final : public CredentialsProvider {
 public:
  RoleSource(Session& session, AssumeRoleInput role) : session_(session), role_(std::move(role)) {}
  async::Task<core::Result<Identity>> get() override {
    Sts sts(session_);
    AssumeRoleInput input = role_;
    auto identity = co_await sts.assume_role(std::move(input));
    if (!identity) co_return core::fail(identity.error().with_context("assuming " + role_.role_arn));
    co_return identity;
  }

 private:
  Session& session_;
  AssumeRoleInput role_;
};

}  // namespace

AssumeRoleCredentials::AssumeRoleCredentials(Session& session, AssumeRoleInput role)
    : refreshing_(std::make_shared<RoleSource>(session, std::move(role)), *session.options().clock) {}

}  // namespace aws
