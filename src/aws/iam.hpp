// IAM, only what the broker calls (docs.aws.amazon.com/IAM/latest/APIReference).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/session.hpp"

namespace aws {

struct AccessKey {
  std::string id;
  std::string secret;  // only in create_access_key's answer
};

class Iam {
 public:
  explicit Iam(Session& session) : session_(session) {}

  // Errors: already_exists, unprocessable (LimitExceeded).
  [[nodiscard]] async::Task<core::Result<>> create_user(
      std::string user, std::string path, std::vector<std::pair<std::string, std::string>> tags);
  [[nodiscard]] async::Task<core::Result<>> delete_user(std::string user);
  // Keys and values. Error: not_found.
  [[nodiscard]] async::Task<core::Result<std::vector<std::pair<std::string, std::string>>>> list_user_tags(
      std::string user);

  [[nodiscard]] async::Task<core::Result<>> put_user_policy(std::string user, std::string policy,
                                                            std::string document);
  [[nodiscard]] async::Task<core::Result<>> delete_user_policy(std::string user, std::string policy);
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> list_user_policies(std::string user);
  [[nodiscard]] async::Task<core::Result<std::string>> get_user_policy(std::string user,
                                                                       std::string policy);  // JSON text

  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> list_attached_user_policies(
      std::string user);  // ARNs
  [[nodiscard]] async::Task<core::Result<>> attach_user_policy(std::string user, std::string policy_arn);
  [[nodiscard]] async::Task<core::Result<>> detach_user_policy(std::string user, std::string policy_arn);

  [[nodiscard]] async::Task<core::Result<AccessKey>> create_access_key(std::string user);
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> list_access_keys(
      std::string user);  // ids
  [[nodiscard]] async::Task<core::Result<>> delete_access_key(std::string user, std::string access_key_id);

  [[nodiscard]] async::Task<core::Result<>> attach_role_policy(std::string role, std::string policy_arn);
  [[nodiscard]] async::Task<core::Result<>> detach_role_policy(std::string role, std::string policy_arn);

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] async::Task<core::Result<>> act(std::string action, Parameters parameters);
  // Every page of a list; `element` of each member, or the member's own text where it is "".
  [[nodiscard]] async::Task<core::Result<std::vector<std::string>>> list(std::string action, std::string user,
                                                                         std::string list_name,
                                                                         std::string element);
  Session& session_;
};

}  // namespace aws
