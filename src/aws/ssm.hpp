// SSM Parameter Store, only what we call (docs.aws.amazon.com/systems-manager/latest/APIReference).
#pragma once

#include <string>

#include "aws/session.hpp"

namespace aws {

class Ssm {
 public:
  explicit Ssm(Session& session) : session_(session) {}
  // The decrypted value. Error: not_found (ParameterNotFound).
  [[nodiscard]] async::Task<core::Result<std::string>> get_parameter(std::string name);
  // As a SecureString; overwrites.
  [[nodiscard]] async::Task<core::Result<>> put_secure_parameter(std::string name, std::string value);
  [[nodiscard]] async::Task<core::Result<>> delete_parameter(std::string name);

 private:
  Session& session_;
};

}  // namespace aws
