// AWS in memory: what the broker's operations need of it, with its rules about names, tokens and order of
// deletion.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "broker/cloud/cloud.hpp"
#include "broker/template.hpp"
#include "core/text.hpp"

namespace broker::test {

class FakeCloud : public Cloud, public CloudProvider {
 public:
  ~FakeCloud() override;  // in fakes.cpp, so that only there code is made of what is virtual

  struct FakeStack {
    aws::Stack stack;
    int polls_left = 1;  // polls until an operation on it is complete
    std::string final_status;
    bool deleted = false;
    std::string template_body;
    std::set<std::string> tokens;  // of the updates that were asked for
    std::optional<aws::Stack> before_update;
  };
  struct FakeUser {
    std::map<std::string, std::string> policies;
    std::map<std::string, std::string> keys;  // id → secret
    std::set<std::string> attached;
    Pairs tags;
  };

  std::map<std::string, FakeStack> stacks;  // by id
  std::map<std::string, FakeUser> users;
  std::optional<core::Error> refuse_create;  // CreateStack answers this
  std::string create_ends_with = "CREATE_COMPLETE";
  int polls_of_deletion = 1;                       // until it is complete
  std::vector<aws::StackResource> more_resources;  // of every stack, beside its user
  std::optional<core::Error> refuse_update;        // UpdateStack answers this
  bool loses_update_answer = false;                // of the next update that begins
  bool takes_repeated_updates = false;             // a token that was used is answered as the first time
  std::string failure = "bucket name is taken";    // the first reason of every failed stack
  std::optional<std::vector<aws::StackEvent>>
      stack_history;                         // DescribeStackEvents answers this, newest first
  std::optional<core::Error> refuse_events;  // or this
  std::string update_ends_with = "UPDATE_COMPLETE";
  std::string rollback_ends_with = "UPDATE_ROLLBACK_COMPLETE";         // of ContinueUpdateRollback
  std::vector<aws::StackInput> updates;                                // that were accepted
  std::map<std::pair<std::string, std::string>, std::string> secrets;  // by id and stage
  std::map<std::string, Pairs> secret_tags;                            // by id
  int secret_reads = 0;
  std::vector<std::string> parameter_reads;  // of SSM
  Placement last_placement;                  // that a cloud was asked for
  int unknown_for = 0;                       // calls for which IAM does not know a user that was just made
  int still_full_for = 0;  // calls for which IAM does not know that a user's keys and policies are gone
  std::optional<core::Error> refuse_attach;     // AttachRolePolicy answers this
  std::optional<core::Error> refuse_user_tags;  // ListUserTags answers this
  int tag_reads = 0;                            // of users
  std::string lambda_answer = "{}";
  std::function<async::Task<>()> before_lambda;
  std::vector<std::string> lambda_payloads;
  std::map<std::string, std::string> objects;  // what CloudFormation reads templates from, by URL

  [[nodiscard]] std::size_t living_stacks() const {
    std::size_t count = 0;
    for (const auto& [id, each] : stacks) count += each.deleted ? 0 : 1;
    return count;
  }

  Cloud& cloud(const Placement& placement) override {
    last_placement = placement;
    return *this;
  }

  async::Task<core::Result<std::string>> create_stack(aws::StackInput input) override {
    if (refuse_create) co_return core::fail(*refuse_create);
    for (const auto& [id, each] : stacks) {
      if (each.deleted || each.stack.name != input.stack_name) continue;
      co_return core::fail(core::ErrorKind::already_exists, "Stack [" + input.stack_name + "] already exists",
                           "AlreadyExistsException");
    }
    const auto body = template_of(input);
    if (!body) co_return core::fail(body.error());
    const std::string id =
        "arn:aws:cloudformation:us-east-1:0:stack/" + input.stack_name + "/" + std::to_string(stacks.size());
    const std::string user = input.stack_name + "-user";
    users[user].policies["AWSSBInjectedIAMUserPolicy1"] = R"({"Statement":[]})";
    stacks[id] = {.stack = {.id = id,
                            .name = input.stack_name,
                            .status = "CREATE_IN_PROGRESS",
                            .status_reason = {},
                            .outputs = {{"BucketName", "bucket"},
                                        {"S3AwsAccessKeyId", "ssm:/asb/" + input.stack_name + "/id"},
                                        {"S3AwsSecretAccessKey", "ssm:/asb/" + input.stack_name + "/secret"}},
                            .tags = input.tags,
                            .parameters = input.parameters},
                  .final_status = create_ends_with,
                  .template_body = *body};
    co_return id;
  }

  async::Task<core::Result<>> update_stack(aws::StackInput input) override {
    if (refuse_update) co_return core::fail(*refuse_update);
    FakeStack* found = find(input.stack_name);
    if (found == nullptr) co_return no_stack(input.stack_name);
    aws::Stack& stack = found->stack;
    if (found->tokens.contains(input.client_request_token)) {
      if (takes_repeated_updates) co_return core::Result<>();
      co_return core::fail(core::ErrorKind::conflict, "the token exists", "TokenAlreadyExistsException");
    }
    if (!stack.status.ends_with("_COMPLETE"))
      co_return refused("is in " + stack.status + " state and can not be updated.");
    aws::NameValues parameters = input.parameters;
    for (const auto& [name, value] : stack.parameters) {
      if (std::ranges::count(input.unchanged_parameters, name) > 0) parameters.emplace_back(name, value);
    }
    std::ranges::sort(parameters);
    aws::NameValues before = stack.parameters;
    std::ranges::sort(before);
    const auto body = template_of(input);
    if (!body) co_return core::fail(body.error());
    const bool same_template = body->empty() || *body == found->template_body;
    const bool same_tags = input.tags.empty() || input.tags == stack.tags;
    if (same_template && same_tags && parameters == before)
      co_return refused("No updates are to be performed.");
    found->tokens.insert(input.client_request_token);
    found->before_update = stack;
    stack.status = "UPDATE_IN_PROGRESS";
    stack.last_updated = "2026-01-01T00:00:0" + std::to_string(found->tokens.size()) + "Z";
    stack.parameters = std::move(parameters);
    if (!input.tags.empty()) stack.tags = input.tags;
    if (!same_template) found->template_body = *body;
    found->polls_left = 1;
    found->final_status = update_ends_with;
    updates.push_back(std::move(input));
    if (std::exchange(loses_update_answer, false))
      co_return core::fail(core::ErrorKind::timeout, "no answer");
    co_return core::Result<>();
  }
  async::Task<core::Result<>> cancel_update(std::string name_or_id) override {
    FakeStack* found = find(name_or_id);
    if (found == nullptr || found->stack.status != "UPDATE_IN_PROGRESS")
      co_return refused("CancelUpdateStack cannot be called from current stack status");
    roll_back(*found, "UPDATE_ROLLBACK_COMPLETE");
    co_return core::Result<>();
  }
  async::Task<core::Result<>> continue_update_rollback(std::string name_or_id) override {
    FakeStack* found = find(name_or_id);
    if (found == nullptr || found->stack.status != "UPDATE_ROLLBACK_FAILED")
      co_return refused("ContinueUpdateRollback cannot be called from current stack status");
    roll_back(*found, rollback_ends_with);
    co_return core::Result<>();
  }
  async::Task<core::Result<std::string>> get_template(std::string name_or_id) override {
    FakeStack* found = find(name_or_id);
    if (found == nullptr) co_return no_stack(name_or_id);
    co_return found->template_body;
  }

  async::Task<core::Result<>> delete_stack(std::string name_or_id, std::string) override {
    if (FakeStack* found = find(name_or_id)) {
      const std::string& status = found->stack.status;
      if (status.starts_with("UPDATE_") && status.ends_with("_IN_PROGRESS"))
        co_return refused("cannot be deleted while in status " + status);
      if (found->stack.status != "DELETE_IN_PROGRESS") {
        found->stack.status = "DELETE_IN_PROGRESS";
        found->polls_left = polls_of_deletion;
        found->final_status = "DELETE_COMPLETE";
      }
    }
    co_return core::Result<>();
  }

  async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) override {
    const auto by_id = stacks.find(name_or_id);
    FakeStack* found = by_id != stacks.end() ? &by_id->second : find(name_or_id);
    if (found == nullptr) co_return no_stack(name_or_id);
    if (found->stack.status.ends_with("_IN_PROGRESS") && found->polls_left-- <= 0) {
      found->stack.status = found->final_status;
      if (found->final_status == "UPDATE_ROLLBACK_COMPLETE") {
        found->stack.parameters = found->before_update->parameters;
        found->stack.tags = found->before_update->tags;
      }
      if (found->final_status == "DELETE_COMPLETE") {
        found->deleted = true;
        users.erase(found->stack.name + "-user");
      }
    }
    co_return found->stack;
  }

  async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(std::string) override {
    aws::StackPage page;
    for (const auto& [id, each] : stacks) {
      if (each.stack.status.ends_with("_IN_PROGRESS")) page.stacks.push_back(each.stack);
    }
    co_return page;
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> validation_errors(std::string) override {
    co_return std::vector<aws::StackEvent>();
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> stack_events(std::string) override {
    if (refuse_events) co_return core::fail(*refuse_events);
    if (stack_history) co_return *stack_history;
    std::vector<aws::StackEvent> events{{.id = "2",
                                         .logical_id = "B",
                                         .resource_type = "AWS::S3::Bucket",
                                         .status = "CREATE_FAILED",
                                         .reason = "Resource creation cancelled",
                                         .client_request_token = {}},
                                        {.id = "1",
                                         .logical_id = "A",
                                         .resource_type = "AWS::S3::Bucket",
                                         .status = "CREATE_FAILED",
                                         .reason = failure,
                                         .client_request_token = {}}};
    co_return events;
  }
  async::Task<core::Result<std::vector<aws::StackResource>>> stack_resources(
      std::string name_or_id) override {
    const auto found = stacks.find(name_or_id);
    if (found == stacks.end()) co_return core::fail(core::ErrorKind::not_found, "does not exist");
    std::vector<aws::StackResource> resources{{.logical_id = "AWSSBInjectedIAMUser",
                                               .physical_id = found->second.stack.name + "-user",
                                               .type = "AWS::IAM::User",
                                               .status = "CREATE_COMPLETE"}};
    resources.insert(resources.end(), more_resources.begin(), more_resources.end());
    co_return resources;
  }

  // IAM takes names that differ by case for one.
  async::Task<core::Result<>> create_user(std::string user, Pairs tags) override {
    for (const auto& [name, each] : users) {
      if (core::equal_ignoring_case(name, user))
        co_return core::fail(core::ErrorKind::already_exists, "exists", "EntityAlreadyExists");
    }
    users[user].tags = std::move(tags);
    co_return core::Result<>();
  }
  async::Task<core::Result<Pairs>> list_user_tags(std::string user) override {
    ++tag_reads;
    if (refuse_user_tags) co_return core::fail(*refuse_user_tags);
    for (const auto& [name, each] : users) {
      if (core::equal_ignoring_case(name, user)) co_return each.tags;
    }
    co_return not_found();
  }
  async::Task<core::Result<>> delete_user(std::string user) override {
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    const bool seems_full = still_full_for > 0 && still_full_for-- > 0;
    if (seems_full || !found->second.keys.empty() || !found->second.policies.empty()) {
      co_return core::fail(core::ErrorKind::conflict, "must delete policies and keys first",
                           "DeleteConflict");
    }
    users.erase(found);
    co_return core::Result<>();
  }
  async::Task<core::Result<std::vector<std::string>>> list_user_policies(std::string user) override {
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    std::vector<std::string> names;
    for (const auto& [name, document] : found->second.policies) names.push_back(name);
    co_return names;
  }
  async::Task<core::Result<std::string>> get_user_policy(std::string user, std::string policy) override {
    const auto found = users.find(user);
    if (found == users.end() || !found->second.policies.contains(policy)) co_return not_found();
    co_return found->second.policies.at(policy);
  }
  async::Task<core::Result<>> put_user_policy(std::string user, std::string policy,
                                              std::string document) override {
    if (unknown_for > 0 && unknown_for-- > 0) co_return not_found();
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    found->second.policies[policy] = document;
    co_return core::Result<>();
  }
  async::Task<core::Result<>> delete_user_policy(std::string user, std::string policy) override {
    const auto found = users.find(user);
    if (found == users.end() || found->second.policies.erase(policy) == 0) co_return not_found();
    co_return core::Result<>();
  }
  async::Task<core::Result<std::vector<std::string>>> list_access_keys(std::string user) override {
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    std::vector<std::string> ids;
    for (const auto& [id, secret] : found->second.keys) ids.push_back(id);
    co_return ids;
  }
  async::Task<core::Result<aws::AccessKey>> create_access_key(std::string user) override {
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    if (found->second.keys.size() == most_keys)
      co_return core::fail(core::ErrorKind::unprocessable, "a user has two keys at most", "LimitExceeded");
    const std::string number = std::to_string(++keys_made_);
    aws::AccessKey key{.id = "AKIA" + number, .secret = "secret-" + number};
    found->second.keys[key.id] = key.secret;
    co_return key;
  }
  async::Task<core::Result<>> delete_access_key(std::string user, std::string key_id) override {
    const auto found = users.find(user);
    if (found == users.end() || found->second.keys.erase(key_id) == 0) co_return not_found();
    co_return core::Result<>();
  }
  async::Task<core::Result<>> attach_role_policy(std::string role, std::string policy_arn) override {
    if (refuse_attach) co_return core::fail(*refuse_attach);
    users[role].attached.insert(policy_arn);
    co_return core::Result<>();
  }
  async::Task<core::Result<>> detach_role_policy(std::string role, std::string policy_arn) override {
    users[role].attached.erase(policy_arn);
    co_return core::Result<>();
  }
  async::Task<core::Result<std::string>> get_parameter(std::string name) override {
    parameter_reads.push_back(name);
    co_return "value of " + name;
  }
  async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage) override {
    ++secret_reads;
    const auto found = secrets.find({id, stage});
    if (found == secrets.end()) co_return not_found();
    co_return found->second;
  }
  async::Task<core::Result<aws::SecretDescription>> describe_secret(std::string id) override {
    const auto found = secret_tags.find(id);
    if (found == secret_tags.end()) co_return not_found();
    co_return aws::SecretDescription{.arn = id, .tags = found->second};
  }
  async::Task<core::Result<std::string>> invoke(std::string, std::string payload) override {
    if (before_lambda) co_await before_lambda();
    lambda_payloads.push_back(std::move(payload));
    co_return lambda_answer;
  }

 private:
  // "" in an update: the stack's own.
  [[nodiscard]] core::Result<std::string> template_of(const aws::StackInput& input) const {
    if (input.template_body.size() > max_request_bytes)
      return refused("'templateBody' must have length less than or equal to 51200");
    if (input.template_url.empty()) return input.template_body;
    const auto object = objects.find(input.template_url);
    if (object == objects.end()) return refused("S3 error: Access Denied");
    return object->second;
  }

  static constexpr std::size_t most_keys = 2;
  static std::unexpected<core::Error> not_found() {
    return core::fail(core::ErrorKind::not_found, "no such entity", "NoSuchEntity");
  }
  static std::unexpected<core::Error> no_stack(const std::string& name_or_id) {
    return core::fail(core::ErrorKind::not_found, "Stack with id " + name_or_id + " does not exist",
                      "ValidationError");
  }
  static std::unexpected<core::Error> refused(const std::string& why) {
    return core::fail(core::ErrorKind::invalid, "ValidationError: " + why, "ValidationError");
  }
  static void roll_back(FakeStack& stack, const std::string& final_status) {
    stack.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS";
    stack.polls_left = 1;
    stack.final_status = final_status;
  }
  FakeStack* find(const std::string& name_or_id) {
    for (auto& [id, each] : stacks) {
      if (!each.deleted && (each.stack.name == name_or_id || id == name_or_id)) return &each;
    }
    return nullptr;
  }
  int keys_made_ = 0;
};

}  // namespace broker::test
