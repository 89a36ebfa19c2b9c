// A cloud whose every call can meet a fault.
#pragma once

#include "broker/cloud/cloud.hpp"
#include "tests/unit/broker/fault_points.hpp"

namespace broker::test {

class FaultyCloud final : public Cloud, public CloudProvider {
 public:
  FaultyCloud(Cloud& cloud, FaultPoints& faults) : cloud_(cloud), faults_(faults) {}
  ~FaultyCloud() override;  // in fakes.cpp, so that only there code is made of what is virtual
  Cloud& cloud(const Placement&) override { return *this; }

  async::Task<core::Result<std::string>> create_stack(aws::StackInput input) override {
    return faults_.around<std::string>([this, input] { return cloud_.create_stack(input); });
  }
  async::Task<core::Result<>> update_stack(aws::StackInput input) override {
    return faults_.around<void>([this, input] { return cloud_.update_stack(input); });
  }
  async::Task<core::Result<>> cancel_update(std::string name_or_id) override {
    return faults_.around<void>([=, this] { return cloud_.cancel_update(name_or_id); });
  }
  async::Task<core::Result<>> continue_update_rollback(std::string name_or_id) override {
    return faults_.around<void>([=, this] { return cloud_.continue_update_rollback(name_or_id); });
  }
  async::Task<core::Result<std::string>> get_template(std::string name_or_id) override {
    return faults_.around<std::string>([=, this] { return cloud_.get_template(name_or_id); });
  }
  async::Task<core::Result<>> delete_stack(std::string name_or_id, std::string token) override {
    return faults_.around<void>([=, this] { return cloud_.delete_stack(name_or_id, token); });
  }
  async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(std::string token) override {
    return faults_.around<aws::StackPage>([this, token] { return cloud_.list_stacks_in_progress(token); });
  }
  async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) override {
    return faults_.around<aws::Stack>([=, this] { return cloud_.describe_stack(name_or_id); });
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> stack_events(std::string name_or_id) override {
    return faults_.around<std::vector<aws::StackEvent>>(
        [=, this] { return cloud_.stack_events(name_or_id); });
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> validation_errors(std::string name_or_id) override {
    return faults_.around<std::vector<aws::StackEvent>>(
        [=, this] { return cloud_.validation_errors(name_or_id); });
  }
  async::Task<core::Result<std::vector<aws::StackResource>>> stack_resources(
      std::string name_or_id) override {
    return faults_.around<std::vector<aws::StackResource>>(
        [=, this] { return cloud_.stack_resources(name_or_id); });
  }

  async::Task<core::Result<>> create_user(std::string user, Pairs tags) override {
    return faults_.around<void>([=, this] { return cloud_.create_user(user, tags); });
  }
  async::Task<core::Result<>> delete_user(std::string user) override {
    return faults_.around<void>([=, this] { return cloud_.delete_user(user); });
  }
  async::Task<core::Result<Pairs>> list_user_tags(std::string user) override {
    return faults_.around<Pairs>([=, this] { return cloud_.list_user_tags(user); });
  }
  async::Task<core::Result<std::vector<std::string>>> list_user_policies(std::string user) override {
    return faults_.around<std::vector<std::string>>([=, this] { return cloud_.list_user_policies(user); });
  }
  async::Task<core::Result<std::string>> get_user_policy(std::string user, std::string policy) override {
    return faults_.around<std::string>([=, this] { return cloud_.get_user_policy(user, policy); });
  }
  async::Task<core::Result<>> put_user_policy(std::string user, std::string policy,
                                              std::string document) override {
    return faults_.around<void>([=, this] { return cloud_.put_user_policy(user, policy, document); });
  }
  async::Task<core::Result<>> delete_user_policy(std::string user, std::string policy) override {
    return faults_.around<void>([=, this] { return cloud_.delete_user_policy(user, policy); });
  }
  async::Task<core::Result<std::vector<std::string>>> list_access_keys(std::string user) override {
    return faults_.around<std::vector<std::string>>([=, this] { return cloud_.list_access_keys(user); });
  }
  async::Task<core::Result<aws::AccessKey>> create_access_key(std::string user) override {
    // The client does not repeat it by itself (aws::Repetition).
    return faults_.around<aws::AccessKey>([=, this] { return cloud_.create_access_key(user); },
                                          Repeated::never);
  }
  async::Task<core::Result<>> delete_access_key(std::string user, std::string key_id) override {
    return faults_.around<void>([=, this] { return cloud_.delete_access_key(user, key_id); });
  }
  async::Task<core::Result<>> attach_role_policy(std::string role, std::string policy_arn) override {
    return faults_.around<void>([=, this] { return cloud_.attach_role_policy(role, policy_arn); });
  }
  async::Task<core::Result<>> detach_role_policy(std::string role, std::string policy_arn) override {
    return faults_.around<void>([=, this] { return cloud_.detach_role_policy(role, policy_arn); });
  }

  async::Task<core::Result<std::string>> get_parameter(std::string name) override {
    return faults_.around<std::string>([=, this] { return cloud_.get_parameter(name); });
  }
  async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage) override {
    return faults_.around<std::string>([=, this] { return cloud_.get_secret_value(id, stage); });
  }
  async::Task<core::Result<aws::SecretDescription>> describe_secret(std::string id) override {
    return faults_.around<aws::SecretDescription>([=, this] { return cloud_.describe_secret(id); });
  }
  async::Task<core::Result<std::string>> invoke(std::string function, std::string payload) override {
    return faults_.around<std::string>([=, this] { return cloud_.invoke(function, payload); });
  }

 private:
  Cloud& cloud_;
  FaultPoints& faults_;
};

}  // namespace broker::test
