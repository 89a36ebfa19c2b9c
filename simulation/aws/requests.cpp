#include "simulation/aws/requests.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace simulation {

namespace {

struct ActionModel {
  std::string_view service, action;
  std::string_view required, optional;  // names of members, with spaces between
};

constexpr ActionModel actions[]{
    {"cloudformation", "CreateStack", "StackName",
     "TemplateBody TemplateURL Parameters DisableRollback RollbackConfiguration "
     "TimeoutInMinutes NotificationARNs Capabilities ResourceTypes RoleARN OnFailure "
     "StackPolicyBody StackPolicyURL Tags ClientRequestToken "
     "EnableTerminationProtection RetainExceptOnCreate DeploymentConfig "
     "DisableValidation"},
    {"cloudformation", "UpdateStack", "StackName",
     "TemplateBody TemplateURL UsePreviousTemplate StackPolicyDuringUpdateBody "
     "StackPolicyDuringUpdateURL Parameters Capabilities ResourceTypes RoleARN "
     "RollbackConfiguration StackPolicyBody StackPolicyURL NotificationARNs Tags "
     "DisableRollback ClientRequestToken RetainExceptOnCreate DeploymentConfig "
     "DisableValidation"},
    {"cloudformation", "CancelUpdateStack", "StackName", "ClientRequestToken"},
    {"cloudformation", "ContinueUpdateRollback", "StackName", "RoleARN ResourcesToSkip ClientRequestToken"},
    {"cloudformation", "DeleteStack", "StackName",
     "RetainResources RoleARN ClientRequestToken DeletionMode DeploymentConfig"},
    {"cloudformation", "DescribeStacks", "", "StackName NextToken"},
    {"cloudformation", "ListStacks", "", "NextToken StackStatusFilter"},
    {"cloudformation", "DescribeStackEvents", "StackName", "NextToken"},
    {"cloudformation", "DescribeEvents", "", "StackName ChangeSetName OperationId Filters NextToken"},
    {"cloudformation", "DescribeStackResources", "", "StackName LogicalResourceId PhysicalResourceId"},
    {"cloudformation", "DescribeStackResource", "StackName LogicalResourceId", ""},
    {"cloudformation", "ListStackResources", "StackName", "NextToken"},
    {"cloudformation", "GetTemplate", "", "StackName ChangeSetName TemplateStage"},
    {"cloudformation", "ValidateTemplate", "", "TemplateBody TemplateURL"},
    {"cloudformation", "UpdateTerminationProtection", "EnableTerminationProtection StackName", ""},
    {"iam", "CreateUser", "UserName", "Path PermissionsBoundary Tags"},
    {"iam", "DeleteUser", "UserName", ""},
    {"iam", "GetUser", "", "UserName"},
    {"iam", "TagUser", "UserName Tags", ""},
    {"iam", "ListUserTags", "UserName", "Marker MaxItems"},
    {"iam", "PutUserPolicy", "UserName PolicyName PolicyDocument", ""},
    {"iam", "DeleteUserPolicy", "UserName PolicyName", ""},
    {"iam", "ListUserPolicies", "UserName", "Marker MaxItems"},
    {"iam", "GetUserPolicy", "UserName PolicyName", ""},
    {"iam", "ListAttachedUserPolicies", "UserName", "PathPrefix Marker MaxItems"},
    {"iam", "AttachUserPolicy", "UserName PolicyArn", ""},
    {"iam", "DetachUserPolicy", "UserName PolicyArn", ""},
    {"iam", "CreateAccessKey", "", "UserName"},
    {"iam", "ListAccessKeys", "", "UserName Marker MaxItems"},
    {"iam", "DeleteAccessKey", "AccessKeyId", "UserName"},
    {"iam", "AttachRolePolicy", "RoleName PolicyArn", ""},
    {"iam", "DetachRolePolicy", "RoleName PolicyArn", ""},
    {"iam", "ListAttachedRolePolicies", "RoleName", "PathPrefix Marker MaxItems"},
    {"iam", "GetRole", "RoleName", ""},
    {"iam", "SimulatePrincipalPolicy", "PolicySourceArn ActionNames",
     "PolicyInputList PermissionsBoundaryPolicyInputList PolicyExclusionList "
     "ResourceArns ResourcePolicy ResourceOwner CallerArn ContextEntries "
     "ResourceHandlingOption MaxItems Marker"},
    {"sts", "GetCallerIdentity", "", ""},
    {"sts", "AssumeRole", "RoleArn RoleSessionName",
     "PolicyArns Policy DurationSeconds Tags TransitiveTagKeys ExternalId "
     "SerialNumber TokenCode SourceIdentity ProvidedContexts MinimumSessionTokenSize"},
    {"sts", "AssumeRoleWithWebIdentity", "RoleArn RoleSessionName WebIdentityToken",
     "ProviderId PolicyArns Policy DurationSeconds MinimumSessionTokenSize"},
    {"dynamodb", "GetItem", "TableName Key",
     "AttributesToGet ConsistentRead ReturnConsumedCapacity ProjectionExpression "
     "ExpressionAttributeNames"},
    {"dynamodb", "BatchGetItem", "RequestItems", "ReturnConsumedCapacity"},
    {"dynamodb", "PutItem", "TableName Item",
     "Expected ReturnValues ReturnConsumedCapacity ReturnItemCollectionMetrics "
     "ConditionalOperator ConditionExpression ExpressionAttributeNames "
     "ExpressionAttributeValues ReturnValuesOnConditionCheckFailure"},
    {"dynamodb", "UpdateItem", "TableName Key",
     "AttributeUpdates Expected ConditionalOperator ReturnValues "
     "ReturnConsumedCapacity ReturnItemCollectionMetrics UpdateExpression "
     "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues "
     "ReturnValuesOnConditionCheckFailure"},
    {"dynamodb", "DeleteItem", "TableName Key",
     "Expected ConditionalOperator ReturnValues ReturnConsumedCapacity "
     "ReturnItemCollectionMetrics ConditionExpression ExpressionAttributeNames "
     "ExpressionAttributeValues ReturnValuesOnConditionCheckFailure"},
    {"dynamodb", "Query", "TableName",
     "IndexName Select AttributesToGet Limit ConsistentRead KeyConditions "
     "QueryFilter ConditionalOperator ScanIndexForward ExclusiveStartKey "
     "ReturnConsumedCapacity ProjectionExpression FilterExpression "
     "KeyConditionExpression ExpressionAttributeNames ExpressionAttributeValues"},
    {"dynamodb", "Scan", "TableName",
     "IndexName AttributesToGet Limit Select ScanFilter ConditionalOperator "
     "ExclusiveStartKey ReturnConsumedCapacity TotalSegments Segment "
     "ProjectionExpression FilterExpression ExpressionAttributeNames "
     "ExpressionAttributeValues ConsistentRead"},
    {"dynamodb", "DescribeTable", "TableName", ""},
    {"ssm", "GetParameter", "Name", "WithDecryption"},
    {"ssm", "PutParameter", "Name Value",
     "Description Type KeyId Overwrite AllowedPattern Tags Tier Policies DataType"},
    {"ssm", "DeleteParameter", "Name", ""},
    {"ssm", "LabelParameterVersion", "Name Labels", "ParameterVersion"},
    {"secretsmanager", "GetSecretValue", "SecretId", "VersionId VersionStage"},
    {"secretsmanager", "DescribeSecret", "SecretId", ""},
    {"secretsmanager", "PutSecretValue", "SecretId",
     "ClientRequestToken SecretBinary SecretString VersionStages RotationToken"},
    {"secretsmanager", "DeleteSecret", "SecretId", "RecoveryWindowInDays ForceDeleteWithoutRecovery"},
    {"kms", "GenerateDataKey", "KeyId",
     "EncryptionContext NumberOfBytes KeySpec GrantTokens Recipient DryRun"},
    {"kms", "Decrypt", "",
     "CiphertextBlob EncryptionContext GrantTokens KeyId EncryptionAlgorithm "
     "Recipient DryRun DryRunModifiers"},
};

bool names(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view each = list.substr(0, list.find(' '));
    if (each == name) return true;
    list.remove_prefix(std::min(each.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string problem_of(const Call& call) {
  if (call.service == "s3" || call.service == "lambda") return call.action.empty() ? "no such operation" : "";
  const auto* model = std::ranges::find_if(actions, [&](const ActionModel& each) {
    return each.service == call.service && each.action == call.action;
  });
  if (model == std::end(actions)) return "the action is not known";
  std::set<std::string, std::less<>> given;
  for (const auto& entry : call.input) given.emplace(entry.key());
  for (const auto& [name, value] : call.form.fields())
    if (name != "Action" && name != "Version") given.insert(name.substr(0, name.find('.')));
  for (const std::string& name : given)
    if (!names(model->required, name) && !names(model->optional, name)) return "there is no member " + name;
  std::string_view required = model->required;
  while (!required.empty()) {
    const std::string_view each = required.substr(0, required.find(' '));
    if (!given.contains(each)) return "the member " + std::string(each) + " is missing";
    required.remove_prefix(std::min(each.size() + 1, required.size()));
  }
  return "";
}

bool is_mutating(std::string_view service, std::string_view action) {
  if (service == "lambda") return true;  // who knows what the function does
  if (service == "sts") return false;
  for (const std::string_view reading : {"Get", "List", "Describe", "Batch", "Query", "Scan", "Head",
                                         "Validate", "Simulate", "Decrypt", "Generate"})
    if (action.starts_with(reading)) return false;
  return true;
}

}  // namespace simulation
