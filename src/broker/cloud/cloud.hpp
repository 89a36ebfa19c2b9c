// What the broker's operations need of AWS, as an interface: the seam where tests put a fake cloud with fault
// points.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "aws/cloudformation.hpp"
#include "aws/iam.hpp"
#include "aws/secrets_manager.hpp"
#include "broker/cloud/placement.hpp"
#include "core/error.hpp"

namespace broker {

class Cloud {
 public:
  virtual ~Cloud() = default;
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  // CloudFormation; as aws::CloudFormation.
  [[nodiscard]] virtual async::Task<core::Result<std::string>> create_stack(aws::StackInput input) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> update_stack(aws::StackInput input) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> cancel_update(std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> continue_update_rollback(std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::string>> get_template(std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> delete_stack(std::string name_or_id,
                                                                 std::string token) = 0;
  [[nodiscard]] virtual async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(
      std::string token) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<aws::StackEvent>>> stack_events(
      std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<aws::StackEvent>>> validation_errors(
      std::string name_or_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<aws::StackResource>>> stack_resources(
      std::string name_or_id) = 0;

  // IAM; as aws::Iam.
  [[nodiscard]] virtual async::Task<core::Result<>> create_user(std::string user, Pairs tags) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> delete_user(std::string user) = 0;
  [[nodiscard]] virtual async::Task<core::Result<Pairs>> list_user_tags(std::string user) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<std::string>>> list_user_policies(
      std::string user) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::string>> get_user_policy(std::string user,
                                                                               std::string policy) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> put_user_policy(std::string user, std::string policy,
                                                                    std::string document) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> delete_user_policy(std::string user,
                                                                       std::string policy) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::vector<std::string>>> list_access_keys(
      std::string user) = 0;
  [[nodiscard]] virtual async::Task<core::Result<aws::AccessKey>> create_access_key(std::string user) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> delete_access_key(std::string user,
                                                                      std::string key_id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> attach_role_policy(std::string role,
                                                                       std::string policy_arn) = 0;
  [[nodiscard]] virtual async::Task<core::Result<>> detach_role_policy(std::string role,
                                                                       std::string policy_arn) = 0;

  // SSM, Secrets Manager, Lambda.
  [[nodiscard]] virtual async::Task<core::Result<std::string>> get_parameter(std::string name) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::string>> get_secret_value(std::string id,
                                                                                std::string stage) = 0;
  [[nodiscard]] virtual async::Task<core::Result<aws::SecretDescription>> describe_secret(std::string id) = 0;
  [[nodiscard]] virtual async::Task<core::Result<std::string>> invoke(std::string function,
                                                                      std::string payload) = 0;
};

// A returned cloud lives as long as the provider.
class CloudProvider {
 public:
  virtual ~CloudProvider() = default;
  [[nodiscard]] virtual Cloud& cloud(const Placement& placement) = 0;
};

}  // namespace broker
