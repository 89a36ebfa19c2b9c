// STS, only what we call (docs.aws.amazon.com/STS/latest/APIReference).
#pragma once

#include <string>

#include "aws/session.hpp"

namespace aws {

struct CallerIdentity {
  std::string account;
  std::string arn;
};

struct AssumeRoleInput {
  std::string role_arn;
  std::string session_name;
  std::string external_id;  // "" for none
};

class Sts {
 public:
  explicit Sts(Session& session) : session_(session) {}

  [[nodiscard]] async::Task<core::Result<CallerIdentity>> get_caller_identity();
  // The identity's source says which role.
  [[nodiscard]] async::Task<core::Result<Identity>> assume_role(AssumeRoleInput input);
  [[nodiscard]] async::Task<core::Result<Identity>> assume_role_with_web_identity(std::string role_arn,
                                                                                  std::string session_name,
                                                                                  std::string token);

 private:
  Session& session_;
};

}  // namespace aws
