#include "needed_actions.hpp"

#include "aws/endpoints.hpp"
#include "broker/sources/s3_template_bucket.hpp"

std::vector<NeededActions> actions_in_account(const Options& options, const std::string& region,
                                              const std::string& account) {
  const std::string arn = "arn:" + std::string(aws::partition_of(region)) + ":";
  const std::string here = region + ":" + account + ":";
  std::vector<NeededActions> needed{
      {.resource = arn + "cloudformation:" + here + "stack/aws-service-broker-s3-doctor/doctor",
       .actions = {"cloudformation:CreateStack", "cloudformation:UpdateStack",
                   "cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback",
                   "cloudformation:DeleteStack", "cloudformation:GetTemplate", "cloudformation:TagResource",
                   "cloudformation:DescribeStacks", "cloudformation:DescribeEvents",
                   "cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResources"},
       .broker_tag = options.broker_id},
      {.resource = "*", .actions = {"cloudformation:ListStacks"}},
      {.resource = arn + "ssm:" + here + "parameter/asb/aws-service-broker-s3-doctor/doctor",
       .actions = {"ssm:GetParameter"}}};
  if (options.binding_credentials == "per-binding") {
    needed.push_back(
        {.resource = arn + "iam::" + account + ":user/aws-service-broker/doctor",
         .actions = {"iam:CreateUser", "iam:TagUser", "iam:DeleteUser", "iam:CreateAccessKey",
                     "iam:ListAccessKeys", "iam:DeleteAccessKey", "iam:PutUserPolicy", "iam:ListUserPolicies",
                     "iam:GetUserPolicy", "iam:DeleteUserPolicy", "iam:ListUserTags"},
         .broker_tag = options.broker_id});
  }
  return needed;
}

NeededActions actions_of_role_for_long_templates(const Options& options) {
  return {.resource = "arn:" + std::string(aws::partition_of(options.s3_region)) + ":s3:::" +
                      options.s3_bucket + "/" + std::string(broker::sent_templates) + "doctor.json",
          .actions = {"s3:GetObject"}};
}

NeededActions actions_for_long_templates(const Options& options) {
  NeededActions needed = actions_of_role_for_long_templates(options);
  needed.actions.emplace_back("s3:PutObject");
  return needed;
}

std::vector<NeededActions> needed_actions(const Options& options, const StoreName& store,
                                          const std::string& region, const std::string& account) {
  std::vector<NeededActions> needed = actions_in_account(options, region, account);
  if (!store.is_dynamodb) return needed;
  const std::string table = "arn:" + std::string(aws::partition_of(region)) + ":dynamodb:" + region + ":" +
                            account + ":table/" + store.name;
  needed.push_back({.resource = table,
                    .actions = {"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:BatchGetItem",
                                "dynamodb:PutItem", "dynamodb:DeleteItem"}});
  needed.push_back({.resource = table + "/index/type-userid-index", .actions = {"dynamodb:Query"}});
  return needed;
}

std::string principal_of(std::string_view caller_arn) {
  constexpr std::string_view service = ":sts::";
  constexpr std::string_view assumed = ":assumed-role/";
  const std::size_t service_at = caller_arn.find(service);
  const std::size_t assumed_at = caller_arn.find(assumed);
  if (service_at == std::string_view::npos || assumed_at == std::string_view::npos)
    return std::string(caller_arn);
  const std::string_view account =
      caller_arn.substr(service_at + service.size(), assumed_at - service_at - service.size());
  const std::string_view role = caller_arn.substr(assumed_at + assumed.size());
  return std::string(caller_arn.substr(0, service_at)) + ":iam::" + std::string(account) + ":role/" +
         std::string(role.substr(0, role.find('/')));
}
