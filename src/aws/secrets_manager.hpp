// Secrets Manager, only what the broker calls (docs.aws.amazon.com/secretsmanager/latest/apireference).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/session.hpp"

namespace aws {

struct SecretDescription {
  std::string arn;
  std::vector<std::pair<std::string, std::string>> tags;
};

class SecretsManager {
 public:
  explicit SecretsManager(Session& session) : session_(session) {}
  // The text of the version with that stage; "" for AWSCURRENT. Errors: not_found (the secret, or the stage),
  // protocol (the secret holds no text).
  [[nodiscard]] async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage);
  // `id`: ARN or name. Error: not_found.
  [[nodiscard]] async::Task<core::Result<SecretDescription>> describe_secret(std::string id);

 private:
  Session& session_;
};

}  // namespace aws
