// AWS in memory: what the broker's operations need of it, with its rules about names, tokens and order of
// deletion.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "broker/cloud/cloud.hpp"

namespace broker::test {

class FakeCloud final : public Cloud, public CloudProvider {
 public:
  struct FakeStack {
    aws::Stack stack;
    int polls_left = 1;  // polls until an operation on it is complete
    std::string final_status;
    bool deleted = false;
  };
  struct FakeUser {
    std::map<std::string, std::string> policies;
    std::map<std::string, std::string> keys;  // id → secret
    std::set<std::string> attached;
  };

  std::map<std::string, FakeStack> stacks;  // by id
  std::map<std::string, FakeUser> users;
  std::optional<core::Error> refuse_create;  // CreateStack answers this
  std::string create_ends_with = "CREATE_COMPLETE";
  std::map<std::pair<std::string, std::string>, std::string> secrets;  // by id and stage
  int secret_reads = 0;
  int unknown_for = 0;  // calls for which IAM does not know a user that was just made
  std::string lambda_answer = "{}";
  std::function<async::Task<>()> before_lambda;
  std::vector<std::string> lambda_payloads;

  [[nodiscard]] std::size_t living_stacks() const {
    std::size_t count = 0;
    for (const auto& [id, each] : stacks) count += each.deleted ? 0 : 1;
    return count;
  }

  Cloud& cloud(const Placement&) override { return *this; }

  async::Task<core::Result<std::string>> create_stack(aws::StackInput input) override {
    if (refuse_create) co_return core::fail(*refuse_create);
    for (const auto& [id, each] : stacks) {
      if (each.deleted || each.stack.name != input.stack_name) continue;
      co_return core::fail(core::ErrorKind::already_exists, "Stack [" + input.stack_name + "] already exists",
                           "AlreadyExistsException");
    }
    const std::string id =
        "arn:aws:cloudformation:us-east-1:0:stack/" + input.stack_name + "/" + std::to_string(stacks.size());
    const std::string user = input.stack_name + "-user";
    users[user].policies["AWSSBInjectedIAMUserPolicy1"] = R"({"Statement":[]})";
    stacks[id] = {.stack = {.id = id,
                            .name = input.stack_name,
                            .status = "CREATE_IN_PROGRESS",
                            .status_reason = {},
                            .outputs = {{"BucketName", "bucket"},
                                        {"S3AwsAccessKeyId", "ssm:/asb/x/id"},
                                        {"S3AwsSecretAccessKey", "ssm:/asb/x/secret"}},
                            .tags = input.tags,
                            .parameters = input.parameters},
                  .final_status = create_ends_with};
    co_return id;
  }

  async::Task<core::Result<>> delete_stack(std::string name_or_id, std::string) override {
    if (FakeStack* found = find(name_or_id)) {
      if (found->stack.status != "DELETE_IN_PROGRESS") {
        found->stack.status = "DELETE_IN_PROGRESS";
        found->polls_left = 1;
        found->final_status = "DELETE_COMPLETE";
      }
    }
    co_return core::Result<>();
  }

  async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) override {
    const auto by_id = stacks.find(name_or_id);
    FakeStack* found = by_id != stacks.end() ? &by_id->second : find(name_or_id);
    if (found == nullptr) {
      co_return core::fail(core::ErrorKind::not_found, "Stack with id " + name_or_id + " does not exist",
                           "ValidationError");
    }
    if (found->stack.status.ends_with("_IN_PROGRESS") && found->polls_left-- <= 0) {
      found->stack.status = found->final_status;
      if (found->final_status == "DELETE_COMPLETE") {
        found->deleted = true;
        users.erase(found->stack.name + "-user");
      }
    }
    co_return found->stack;
  }

  async::Task<core::Result<std::vector<aws::StackEvent>>> validation_errors(std::string) override {
    co_return std::vector<aws::StackEvent>();
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> stack_events(std::string) override {
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
                                         .reason = "bucket name is taken",
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
    co_return resources;
  }

  async::Task<core::Result<>> create_user(std::string user, Pairs) override {
    if (users.contains(user))
      co_return core::fail(core::ErrorKind::already_exists, "exists", "EntityAlreadyExists");
    users[user];
    co_return core::Result<>();
  }
  async::Task<core::Result<>> delete_user(std::string user) override {
    const auto found = users.find(user);
    if (found == users.end()) co_return not_found();
    if (!found->second.keys.empty() || !found->second.policies.empty()) {
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
    users[role].attached.insert(policy_arn);
    co_return core::Result<>();
  }
  async::Task<core::Result<>> detach_role_policy(std::string role, std::string policy_arn) override {
    users[role].attached.erase(policy_arn);
    co_return core::Result<>();
  }
  async::Task<core::Result<std::string>> get_parameter(std::string name) override {
    co_return "value of " + name;
  }
  async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage) override {
    ++secret_reads;
    const auto found = secrets.find({id, stage});
    if (found == secrets.end()) co_return not_found();
    co_return found->second;
  }
  async::Task<core::Result<std::string>> invoke(std::string, std::string payload) override {
    if (before_lambda) co_await before_lambda();
    lambda_payloads.push_back(std::move(payload));
    co_return lambda_answer;
  }

 private:
  static constexpr std::size_t most_keys = 2;
  static std::unexpected<core::Error> not_found() {
    return core::fail(core::ErrorKind::not_found, "no such entity", "NoSuchEntity");
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
