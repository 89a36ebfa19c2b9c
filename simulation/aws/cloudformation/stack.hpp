// A stack with what it is made of, what it was, and what is being done to it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/aws/cloudformation/provisioner.hpp"
#include "simulation/aws/cloudformation/resolver.hpp"

namespace simulation {

struct StackEvent {
  std::string id;
  core::SystemTime time;
  std::string logical_id, physical_id, type, status, reason, token;
};

struct StackOutput {
  std::string key, value, description, export_name;
  friend bool operator==(const StackOutput&, const StackOutput&) = default;
};

// What a call to CreateStack or UpdateStack wants.
struct StackState {
  std::shared_ptr<const Template> made;
  ParameterValues given;   // as callers see them
  ParameterValues values;  // with what AWS::SSM::Parameter::Value<…> stands for
  Tags tags;
  std::vector<std::string> notification_arns, capabilities;
  std::string role_arn;
};

// What DescribeStacks shows from a moment on.
struct StackView {
  core::SystemTime since;
  std::string status, reason;
  std::optional<core::SystemTime> updated, deleted;
  std::shared_ptr<const std::vector<StackOutput>> outputs;
  std::shared_ptr<const StackState> state;
  bool is_protected = false;
  mutable std::string xml;  // of DescribeStacks, once it was asked for
};

enum class Stage {
  create,
  create_rollback,
  update,
  update_cleanup,
  update_rollback,
  update_rollback_cleanup,
  remove,
  import,
  import_rollback
};
enum class Verb { create, update, remove };

struct Task {
  enum class State { waiting, running, done, failed };
  Verb verb = Verb::create;
  State state = State::waiting;
  core::SystemTime ends;
  std::string failure;        // how it is going to end; "" well
  bool was_tried = false;     // something was done to the resource, so that a failure is in its status
  Cause cause = Cause::none;  // of a removal
  StackResource target;       // of a removal; of a replacement the new one
  bool replaces = false;
};

struct Operation {
  Stage stage = Stage::create;
  bool has_begun = false;
  std::string token;
  std::string by;                     // "CreateStack by AKIA… (token …)"
  std::map<std::string, Task> tasks;  // by logical id; of leftovers "id#2"
  std::vector<std::string> failed;    // logical ids
  std::string failure;                // of the stack itself: its outputs
  bool is_cancelled = false;
  bool keeps_failures = false;    // DisableRollback of an update
  std::set<std::string> skipped;  // RetainResources, ResourcesToSkip
  bool import_fails = false, import_rollback_fails = false;

  // What an update's rollback goes back to.
  std::shared_ptr<const StackState> state_before;
  std::map<std::string, StackResource> resources_before;
  std::shared_ptr<const std::vector<StackOutput>> outputs_before;
};

// What is no part of the stack any more and still has to be deleted.
struct Leftover {
  StackResource resource;
  Cause cause = Cause::replaced;
};

struct Stack {
  std::string id, name;
  std::string made_by;  // access key id
  std::string creation_token;
  core::SystemTime created;
  std::optional<core::SystemTime> updated, deleted;
  std::string status, reason;
  std::shared_ptr<const StackState> state;
  std::shared_ptr<const std::vector<StackOutput>> outputs = std::make_shared<std::vector<StackOutput>>();
  std::map<std::string, StackResource> resources;
  std::vector<Leftover> leftovers;
  std::vector<StackEvent> events;  // the oldest first
  std::vector<StackEvent> validation_errors;
  std::deque<StackView> views;
  std::map<std::string, std::string> tokens;  // ClientRequestToken → what was asked with it
  std::string on_failure = "ROLLBACK";
  bool retains_except_on_create = false;
  bool is_protected = false;
  std::uint64_t number = 0;  // in the order of creation
  std::optional<Operation> operation;
  std::optional<core::SystemTime> due;  // when the operation goes on; nullopt: it waits for a call
  std::vector<std::pair<core::SystemTime, std::string>> history;  // every status

  [[nodiscard]] bool is_deleted() const { return status == "DELETE_COMPLETE"; }
};

}  // namespace simulation
