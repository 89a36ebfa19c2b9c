// A model of one AWS account in one region, as the broker sees it over HTTP: CloudFormation, IAM, DynamoDB,
// SSM, Secrets Manager, Lambda, STS, S3, KMS. It keeps virtual time and a seed's order, so that a run can be
// repeated: stacks go on when someone next looks, as if they had gone on by themselves.
//
// A request that AWS would not understand (an unknown action or member, a wrong signature or scope) is in
// journal().violations.
#pragma once

#include <optional>
#include <string>

#include "net/http.hpp"
#include "simulation/aws/front.hpp"
#include "simulation/kernel/random.hpp"
#include "simulation/kernel/timeline.hpp"

namespace simulation {

class AwsAccount {
 public:
  // The timeline outlives the account.
  AwsAccount(const Timeline& timeline, Random random, AwsSettings settings = {});
  AwsAccount(const AwsAccount&) = delete;
  AwsAccount& operator=(const AwsAccount&) = delete;

  // Every service; the request's Host and signature scope tell which. It lives as long as the account.
  [[nodiscard]] net::Handler handler();
  // Everything in progress, up to now. Calls do it themselves.
  void settle() { stacks_.settle(); }

  // Delays, chances, pages: may be changed at any time.
  [[nodiscard]] AwsSettings& settings() { return world_.settings; }

  // Who may call. Users' keys (IAM) and keys that AssumeRole gives may, too.
  void admit(const std::string& key_id, const std::string& secret, const std::string& name = "broker") {
    tokens_.admit(key_id, secret, name);
  }
  // The key pair is no longer good.
  void dismiss(const std::string& key_id) { tokens_.dismiss(key_id); }
  // A role that may be assumed; its ARN.
  std::string add_role(const std::string& name, const std::string& external_id = "");

  // Planned faults of calls, and of resources of stacks.
  void plan(AwsFault fault) { world_.faults.push_back(std::move(fault)); }
  void plan(ResourceFault fault) { stacks_.engine().faults.push_back(std::move(fault)); }
  void forget_faults();

  // What is there: to look at, and for people to change outside. Call settle() before.
  [[nodiscard]] StackService& stacks() { return stacks_; }
  [[nodiscard]] IamService& iam() { return iam_; }
  [[nodiscard]] SsmService& ssm() { return ssm_; }
  [[nodiscard]] SecretService& secrets() { return secrets_; }
  [[nodiscard]] BucketService& buckets() { return buckets_; }
  [[nodiscard]] TableService& tables() { return tables_; }
  [[nodiscard]] FunctionService& functions() { return functions_; }
  [[nodiscard]] KeyService& kms() { return kms_; }

  // Acts of people with keys of their own. The calls are in the journal under `key_id`.
  [[nodiscard]] Answer<> call_as(const std::string& key_id, const std::string& service,
                                 const std::string& action, const std::map<std::string, std::string>& form);
  Answer<> delete_stack_outside(const std::string& name_or_id);
  // An update of nothing but tags.
  Answer<> retag_outside(const std::string& name_or_id, const Tags& tags);
  // The same parameters but for these, the same template.
  Answer<> update_outside(const std::string& name_or_id, const ParameterValues& parameters);
  Answer<> protect_outside(const std::string& name_or_id, bool is_protected);
  // Deletes what a resource of a stack stands for, with its data. false: it is not there.
  bool delete_resource_outside(const std::string& stack_name, const std::string& logical_id);

  // The checker's view: settle() first.
  [[nodiscard]] const Journal& journal() const { return world_.journal; }
  [[nodiscard]] const std::map<std::string, std::unique_ptr<Stack>>& all_stacks() const {
    return stacks_.engine().stacks();
  }
  // The living stack of that name, or nullptr.
  [[nodiscard]] const Stack* stack(const std::string& name_or_id) {
    return stacks_.engine().find_living(name_or_id);
  }
  [[nodiscard]] std::optional<std::string> opens(const std::string& key_id, const std::string& secret) const {
    return iam_.opens(key_id, secret);
  }

 private:
  [[nodiscard]] async::Task<net::Response> respond(const net::Request& request);

  World world_;
  IamService iam_{world_};
  SsmService ssm_{world_};
  SecretService secrets_{world_};
  BucketService buckets_{world_};
  TableService tables_{world_};
  FunctionService functions_{world_};
  TokenService tokens_{world_, iam_};
  KeyService kms_{world_};
  StackService stacks_;
  Front front_;
};

}  // namespace simulation
