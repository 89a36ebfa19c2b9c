#include "broker/cloud/aws_cloud.hpp"

#include "aws/credentials/assume_role.hpp"
#include "aws/lambda.hpp"
#include "aws/secrets_manager.hpp"
#include "aws/ssm.hpp"
#include "aws/sts.hpp"

namespace broker {

namespace {

constexpr const char* user_path = "/aws-service-broker/";
constexpr std::size_t most_events = 300;

// Of an account whose keys nobody gives any more.
class NoKeys final : public aws::CredentialsProvider {
 public:
  explicit NoKeys(core::Error why) : why_(std::move(why)) {}
  async::Task<core::Result<aws::Identity>> get() override { co_return core::fail(why_); }

 private:
  core::Error why_;
};

// Keys that have to be of an account, which STS is asked before they are used for anything.
class KeysOfAccount final : public aws::CredentialsProvider {
 public:
  // `keys`: a session in their name.
  KeysOfAccount(aws::SessionOptions keys, std::string given_by, std::string account)
      : keys_(std::move(keys)), given_by_(std::move(given_by)), account_(std::move(account)) {}

  async::Task<core::Result<aws::Identity>> get() override {
    if (!is_checked_) {
      const auto caller = co_await aws::Sts(keys_).get_caller_identity();
      if (!caller) co_return core::fail(caller.error());
      if (caller->account != account_) {
        co_return core::fail(core::ErrorKind::internal,
                             given_by_ + " belongs to the account " + caller->account +
                                 ", and this instance was created in " + account_ +
                                 ": set keys of that account, and restart the broker.");
      }
      is_checked_ = true;
    }
    co_return co_await keys_.options().credentials->get();
  }

 private:
  aws::Session keys_;
  std::string given_by_;
  std::string account_;
  bool is_checked_ = false;
};

}  // namespace

class AwsClouds::AwsCloud final : public Cloud {
 public:
  explicit AwsCloud(aws::Session& session)
      : cloudformation_(session), iam_(session), ssm_(session), secrets_(session), lambda_(session) {}
  explicit AwsCloud(std::unique_ptr<aws::Session> session) : AwsCloud(*session) {
    own_session_ = std::move(session);
  }

  async::Task<core::Result<std::string>> create_stack(aws::StackInput input) override {
    return cloudformation_.create_stack(std::move(input));
  }
  async::Task<core::Result<>> update_stack(aws::StackInput input) override {
    return cloudformation_.update_stack(std::move(input));
  }
  async::Task<core::Result<>> cancel_update(std::string name_or_id) override {
    return cloudformation_.cancel_update_stack(std::move(name_or_id));
  }
  async::Task<core::Result<>> continue_update_rollback(std::string name_or_id) override {
    return cloudformation_.continue_update_rollback(std::move(name_or_id));
  }
  async::Task<core::Result<std::string>> get_template(std::string name_or_id) override {
    return cloudformation_.get_template(std::move(name_or_id));
  }
  async::Task<core::Result<>> delete_stack(std::string name_or_id, std::string token) override {
    return cloudformation_.delete_stack(std::move(name_or_id), std::move(token));
  }
  async::Task<core::Result<aws::Stack>> describe_stack(std::string name_or_id) override {
    return cloudformation_.describe_stack(std::move(name_or_id));
  }
  async::Task<core::Result<aws::StackPage>> list_stacks_in_progress(std::string token) override {
    return cloudformation_.list_stacks_in_progress(std::move(token));
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> validation_errors(std::string name_or_id) override {
    return cloudformation_.describe_validation_errors(std::move(name_or_id));
  }
  async::Task<core::Result<std::vector<aws::StackEvent>>> stack_events(std::string name_or_id) override {
    return cloudformation_.describe_stack_events(std::move(name_or_id), most_events);
  }
  async::Task<core::Result<std::vector<aws::StackResource>>> stack_resources(
      std::string name_or_id) override {
    return cloudformation_.describe_stack_resources(std::move(name_or_id));
  }

  async::Task<core::Result<>> create_user(std::string user, Pairs tags) override {
    return iam_.create_user(std::move(user), user_path, std::move(tags));
  }
  async::Task<core::Result<>> delete_user(std::string user) override {
    return iam_.delete_user(std::move(user));
  }
  async::Task<core::Result<Pairs>> list_user_tags(std::string user) override {
    return iam_.list_user_tags(std::move(user));
  }
  async::Task<core::Result<std::vector<std::string>>> list_user_policies(std::string user) override {
    return iam_.list_user_policies(std::move(user));
  }
  async::Task<core::Result<std::string>> get_user_policy(std::string user, std::string policy) override {
    return iam_.get_user_policy(std::move(user), std::move(policy));
  }
  async::Task<core::Result<>> put_user_policy(std::string user, std::string policy,
                                              std::string document) override {
    return iam_.put_user_policy(std::move(user), std::move(policy), std::move(document));
  }
  async::Task<core::Result<>> delete_user_policy(std::string user, std::string policy) override {
    return iam_.delete_user_policy(std::move(user), std::move(policy));
  }
  async::Task<core::Result<std::vector<std::string>>> list_access_keys(std::string user) override {
    return iam_.list_access_keys(std::move(user));
  }
  async::Task<core::Result<aws::AccessKey>> create_access_key(std::string user) override {
    return iam_.create_access_key(std::move(user));
  }
  async::Task<core::Result<>> delete_access_key(std::string user, std::string key_id) override {
    return iam_.delete_access_key(std::move(user), std::move(key_id));
  }
  async::Task<core::Result<>> attach_role_policy(std::string role, std::string policy_arn) override {
    return iam_.attach_role_policy(std::move(role), std::move(policy_arn));
  }
  async::Task<core::Result<>> detach_role_policy(std::string role, std::string policy_arn) override {
    return iam_.detach_role_policy(std::move(role), std::move(policy_arn));
  }

  async::Task<core::Result<std::string>> get_parameter(std::string name) override {
    return ssm_.get_parameter(std::move(name));
  }
  async::Task<core::Result<std::string>> get_secret_value(std::string id, std::string stage) override {
    return secrets_.get_secret_value(std::move(id), std::move(stage));
  }
  async::Task<core::Result<aws::SecretDescription>> describe_secret(std::string id) override {
    return secrets_.describe_secret(std::move(id));
  }
  async::Task<core::Result<std::string>> invoke(std::string function, std::string payload) override {
    return lambda_.invoke(std::move(function), std::move(payload));
  }

 private:
  std::unique_ptr<aws::Session> own_session_;
  aws::CloudFormation cloudformation_;
  aws::Iam iam_;
  aws::Ssm ssm_;
  aws::SecretsManager secrets_;
  aws::Lambda lambda_;
};

aws::SessionOptions with_keys(aws::SessionOptions own, std::string id, std::string secret) {
  aws::Identity identity{.access_key_id = std::move(id),
                         .secret_access_key = std::move(secret),
                         .session_token = {},
                         .expires = {},
                         .source = "overrides"};
  own.credentials = std::make_shared<aws::StaticCredentials>(std::move(identity));
  return own;
}

AwsClouds::AwsClouds(aws::Session& session, AccessKeys keys) : session_(session), keys_(std::move(keys)) {}
AwsClouds::~AwsClouds() = default;

aws::Session& AwsClouds::identity_of(const Placement& placement) {
  if (placement.access_key_id.empty()) return session_;
  const Placement keys{.access_key_id = placement.access_key_id,
                       .account_of_keys = placement.account_of_keys,
                       .lost_keys = placement.lost_keys};
  std::unique_ptr<aws::Session>& session = sessions_of_keys_[keys];
  if (session) return *session;
  aws::SessionOptions options = session_.options();
  if (auto known = check_keys(keys); !known) {
    options.credentials = std::make_shared<NoKeys>(std::move(known.error()));
  } else {
    const AccessKeySecret& key = keys_.at(keys.access_key_id);
    options = with_keys(std::move(options), keys.access_key_id, key.secret);
    if (!keys.account_of_keys.empty())
      options.credentials = std::make_shared<KeysOfAccount>(options, key.given_by, keys.account_of_keys);
  }
  session = std::make_unique<aws::Session>(std::move(options));
  return *session;
}

Cloud& AwsClouds::cloud(const Placement& placement) {
  std::unique_ptr<AwsCloud>& cloud = clouds_[placement];
  if (cloud) return *cloud;
  aws::Session& identity = identity_of(placement);
  const std::string& region = placement.region;
  if ((region.empty() || region == identity.region()) && placement.role_arn.empty()) {
    cloud = std::make_unique<AwsCloud>(identity);
  } else {
    aws::SessionOptions options = identity.options();
    if (!region.empty()) options.region = region;
    if (!placement.role_arn.empty()) {
      aws::AssumeRoleInput role{.role_arn = placement.role_arn,
                                .session_name = role_session_name,
                                .external_id = placement.external_id};
      options.credentials = std::make_shared<aws::AssumeRoleCredentials>(identity, std::move(role));
    }
    cloud = std::make_unique<AwsCloud>(std::make_unique<aws::Session>(std::move(options)));
  }
  return *cloud;
}

}  // namespace broker
