// CloudFormation, only what the broker calls (docs.aws.amazon.com/AWSCloudFormation/latest/APIReference).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/session.hpp"

namespace aws {

class QueryParameters;

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct StackInput {
  std::string stack_name;
  std::string template_body;
  std::string template_url;  // of one that is too long for a request; both "" in an update: the stack's own
  NameValues parameters;
  std::vector<std::string> unchanged_parameters;  // in an update: these keep their values
  NameValues tags;
  std::vector<std::string> capabilities;
  std::string client_request_token;
};

struct Stack {
  std::string id;  // the ARN
  std::string name;
  std::string status;  // "CREATE_IN_PROGRESS"
  std::string status_reason;
  std::string last_updated;  // when the last update began; "" where there was none
  NameValues outputs;
  NameValues tags;
  NameValues parameters;
};

struct StackPage {
  std::vector<Stack> stacks;  // without outputs, tags and parameters
  std::string next_token;     // "": this is the last page
};

struct StackEvent {
  std::string id;
  std::string logical_id;
  std::string resource_type;
  std::string status;
  std::string reason;
  std::string client_request_token;
  std::string physical_id = {};  // "" where the resource was never made
};

struct StackResource {
  std::string logical_id;
  std::string physical_id;
  std::string type;
  std::string status;
  std::string changed;  // when its status was last changed
};

// UpdateStack has nothing to do: the stack is as it is wanted.
[[nodiscard]] bool says_unchanged(const core::Error& error);
// UpdateStack or DeleteStack has to wait for what CloudFormation is doing to the stack.
[[nodiscard]] bool says_busy(const core::Error& error);

class CloudFormation {
 public:
  explicit CloudFormation(Session& session) : session_(session) {}

  // The new stack's id. Errors: already_exists, unprocessable (LimitExceeded), invalid (ValidationError),
  // forbidden …
  [[nodiscard]] async::Task<core::Result<std::string>> create_stack(StackInput input);
  // Errors: that of says_unchanged(), conflict (the token has been used), invalid (ValidationError) …
  [[nodiscard]] async::Task<core::Result<>> update_stack(StackInput input);
  // Of a stack in UPDATE_IN_PROGRESS: it rolls back.
  [[nodiscard]] async::Task<core::Result<>> cancel_update_stack(std::string name_or_id);
  // Of a stack in UPDATE_ROLLBACK_FAILED.
  [[nodiscard]] async::Task<core::Result<>> continue_update_rollback(std::string name_or_id);
  // As it was sent to CloudFormation.
  [[nodiscard]] async::Task<core::Result<std::string>> get_template(std::string name_or_id);
  // No error where there is no such stack.
  [[nodiscard]] async::Task<core::Result<>> delete_stack(std::string name_or_id,
                                                         std::string client_request_token);
  // Error: not_found. A deleted stack is found by its id only.
  [[nodiscard]] async::Task<core::Result<Stack>> describe_stack(std::string name_or_id);
  // The stacks of the account and region that an operation is in progress on, 100 a page; `token` "" for the
  // first.
  [[nodiscard]] async::Task<core::Result<StackPage>> list_stacks_in_progress(std::string token);
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
  // An operation whose answer says no more than that it was accepted.
  [[nodiscard]] async::Task<core::Result<>> act(std::string action, QueryParameters parameters);

  Session& session_;
};

}  // namespace aws
