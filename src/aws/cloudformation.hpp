// CloudFormation, only what the broker calls (docs.aws.amazon.com/AWSCloudFormation/latest/APIReference).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/session.hpp"

namespace aws {

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct StackInput {
  std::string stack_name;
  std::string template_body;
  NameValues parameters;
  NameValues tags;
  std::vector<std::string> capabilities;
  std::string client_request_token;
};

struct Stack {
  std::string id;  // the ARN
  std::string name;
  std::string status;  // "CREATE_IN_PROGRESS"
  std::string status_reason;
  NameValues outputs;
  NameValues tags;
  NameValues parameters;
};

struct StackEvent {
  std::string id;
  std::string logical_id;
  std::string resource_type;
  std::string status;
  std::string reason;
  std::string client_request_token;
};

struct StackResource {
  std::string logical_id;
  std::string physical_id;
  std::string type;
  std::string status;
};

class CloudFormation {
 public:
  explicit CloudFormation(Session& session) : session_(session) {}

  // The new stack's id. Errors: already_exists, unprocessable (LimitExceeded), invalid (ValidationError),
  // forbidden …
  [[nodiscard]] async::Task<core::Result<std::string>> create_stack(StackInput input);
  [[nodiscard]] async::Task<core::Result<std::string>> update_stack(StackInput input);
  // No error where there is no such stack.
  [[nodiscard]] async::Task<core::Result<>> delete_stack(std::string name_or_id,
                                                         std::string client_request_token);
  // Error: not_found. A deleted stack is found by its id only.
  [[nodiscard]] async::Task<core::Result<Stack>> describe_stack(std::string name_or_id);
  // The newest first, at most `limit`.
  [[nodiscard]] async::Task<core::Result<std::vector<StackEvent>>> describe_stack_events(
      std::string name_or_id, std::size_t limit);
  // What CloudFormation found wrong with the template and parameters before it made anything
  // (DescribeEvents): one event for each, with the status VALIDATION_FAILED.
  [[nodiscard]] async::Task<core::Result<std::vector<StackEvent>>> describe_validation_errors(
      std::string name_or_id);
  [[nodiscard]] async::Task<core::Result<std::vector<StackResource>>> describe_stack_resources(
      std::string name_or_id);

 private:
  Session& session_;
};

}  // namespace aws
