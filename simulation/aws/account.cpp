#include "simulation/aws/account.hpp"

namespace simulation {

namespace {

constexpr const char* people = "AKIAPEOPLEOFTHEACCT1";

}  // namespace

AwsAccount::AwsAccount(const Timeline& timeline, Random random, AwsSettings settings)
    : world_(timeline, random, std::move(settings)),
      stacks_(world_, {.iam = iam_,
                       .ssm = ssm_,
                       .secrets = secrets_,
                       .buckets = buckets_,
                       .tables = tables_,
                       .functions = functions_}),
      front_(world_, {.stacks = stacks_,
                      .iam = iam_,
                      .ssm = ssm_,
                      .secrets = secrets_,
                      .buckets = buckets_,
                      .tables = tables_,
                      .functions = functions_,
                      .tokens = tokens_,
                      .kms = kms_}) {}

net::Handler AwsAccount::handler() {
  return [this](const net::Request& request) { return respond(request); };
}

async::Task<net::Response> AwsAccount::respond(const net::Request& request) {
  co_return front_.answer(request);
}

std::string AwsAccount::add_role(const std::string& name, const std::string& external_id) {
  const auto role = iam_.create_role(name, "/", {});
  if (!role) return iam_.find_role(name) == nullptr ? std::string() : iam_.find_role(name)->arn;
  (*role)->external_id = external_id;
  return (*role)->arn;
}

void AwsAccount::forget_faults() {
  world_.faults.clear();
  stacks_.engine().faults.clear();
}

Answer<> AwsAccount::call_as(const std::string& key_id, const std::string& service, const std::string& action,
                             const std::map<std::string, std::string>& form) {
  Call call{.service = service, .action = action, .caller = {.key_id = key_id, .arn = {}, .user_id = {}}};
  for (const auto& [name, value] : form) call.form.set(name, value);
  return front_.perform(call);
}

Answer<> AwsAccount::delete_stack_outside(const std::string& name_or_id) {
  return call_as(people, "cloudformation", "DeleteStack", {{"StackName", name_or_id}});
}

Answer<> AwsAccount::protect_outside(const std::string& name_or_id, bool is_protected) {
  return call_as(
      people, "cloudformation", "UpdateTerminationProtection",
      {{"StackName", name_or_id}, {"EnableTerminationProtection", is_protected ? "true" : "false"}});
}

Answer<> AwsAccount::update_outside(const std::string& name_or_id, const ParameterValues& parameters) {
  settle();
  std::map<std::string, std::string> form{{"StackName", name_or_id},
                                          {"UsePreviousTemplate", "true"},
                                          {"Capabilities.member.1", "CAPABILITY_NAMED_IAM"}};
  if (const Stack* found = stack(name_or_id)) {
    std::size_t number = 0;
    for (const auto& [name, value] : found->state->given) {
      const std::string prefix = "Parameters.member." + std::to_string(++number) + ".";
      form[prefix + "ParameterKey"] = name;
      const auto changed = parameters.find(name);
      form[prefix + (changed == parameters.end() ? "UsePreviousValue" : "ParameterValue")] =
          changed == parameters.end() ? "true" : changed->second;
    }
  }
  return call_as(people, "cloudformation", "UpdateStack", form);
}

Answer<> AwsAccount::retag_outside(const std::string& name_or_id, const Tags& tags) {
  settle();
  std::map<std::string, std::string> form{{"StackName", name_or_id},
                                          {"UsePreviousTemplate", "true"},
                                          {"Capabilities.member.1", "CAPABILITY_NAMED_IAM"}};
  std::size_t number = 0;
  if (const Stack* found = stack(name_or_id)) {
    for (const auto& [name, value] : found->state->given) {
      const std::string prefix = "Parameters.member." + std::to_string(++number) + ".";
      form[prefix + "ParameterKey"] = name;
      form[prefix + "UsePreviousValue"] = "true";
    }
  }
  number = 0;
  for (const auto& [key, value] : tags) {
    const std::string prefix = "Tags.member." + std::to_string(++number) + ".";
    form[prefix + "Key"] = key;
    form[prefix + "Value"] = value;
  }
  return call_as(people, "cloudformation", "UpdateStack", form);
}

bool AwsAccount::delete_resource_outside(const std::string& stack_name, const std::string& logical_id) {
  settle();
  const Stack* found = stack(stack_name);
  if (found == nullptr || !found->resources.contains(logical_id)) return false;
  const StackResource& resource = found->resources.at(logical_id);
  return stacks_.provisioner().destroy_outside(resource.type, resource.physical_id);
}

}  // namespace simulation
