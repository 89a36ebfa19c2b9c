// Secrets Manager, only GetSecretValue (docs.aws.amazon.com/secretsmanager/latest/apireference).
#pragma once

#include <string>

#include "aws/session.hpp"

namespace aws {

class SecretsManager {
 public:
  explicit SecretsManager(Session& session) : session_(session) {}
  // The text of the version with that stage; "" for AWSCURRENT. Errors: not_found (the secret, or the stage),
  // protocol (the secret holds no text).
  [[nodiscard]] async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage);

 private:
  Session& session_;
};

}  // namespace aws
