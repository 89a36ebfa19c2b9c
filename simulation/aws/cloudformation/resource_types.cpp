#include "simulation/aws/cloudformation/resource_types.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/text.hpp"

namespace simulation {

namespace json = boost::json;

namespace {

using Names = std::vector<std::string_view>;

// "Update requires: Replacement". Of what is not here every property is changed in place.
const std::map<std::string_view, Names>& replaced_by() {
  static const std::map<std::string_view, Names> table{
      {"AWS::AmazonMQ::Broker",
       {"AuthenticationStrategy", "BrokerName", "DeploymentMode", "EncryptionOptions", "EngineType",
        "PubliclyAccessible", "StorageType", "SubnetIds"}},
      {"AWS::Cognito::IdentityPoolRoleAttachment", {"IdentityPoolId"}},
      {"AWS::Cognito::UserPoolClient", {"GenerateSecret", "UserPoolId"}},
      {"AWS::DocDB::DBCluster",
       {"AvailabilityZones", "DBClusterIdentifier", "DBSubnetGroupName", "KmsKeyId", "MasterUsername",
        "SnapshotIdentifier", "StorageEncrypted"}},
      {"AWS::DocDB::DBInstance", {"AvailabilityZone", "DBClusterIdentifier", "DBInstanceIdentifier"}},
      {"AWS::DocDB::DBSubnetGroup", {"DBSubnetGroupName"}},
      {"AWS::DynamoDB::Table", {"TableName", "KeySchema", "ImportSourceSpecification"}},
      {"AWS::EC2::EIP", {"Domain", "NetworkBorderGroup"}},
      {"AWS::EC2::SecurityGroup", {"GroupDescription", "GroupName", "VpcId"}},
      {"AWS::EC2::Volume", {"AvailabilityZone", "Encrypted", "KmsKeyId", "SnapshotId"}},
      {"AWS::EFS::FileSystem", {"AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"}},
      {"AWS::ElastiCache::CacheCluster",
       {"AZMode", "CacheSubnetGroupName", "ClusterName", "Engine", "NetworkType", "Port", "SnapshotArns",
        "SnapshotName", "TransitEncryptionEnabled"}},
      {"AWS::ElastiCache::SubnetGroup", {"CacheSubnetGroupName"}},
      {"AWS::ElastiCache::ReplicationGroup",
       {"AtRestEncryptionEnabled", "CacheSubnetGroupName", "KmsKeyId", "Port", "ReplicationGroupId",
        "SnapshotArns", "SnapshotName"}},
      {"AWS::EMR::Cluster",
       {"Applications", "BootstrapActions", "Configurations", "JobFlowRole", "Name", "ReleaseLabel",
        "SecurityConfiguration", "ServiceRole", "LogUri", "AdditionalInfo", "AutoScalingRole", "CustomAmiId",
        "EbsRootVolumeSize", "KerberosAttributes", "OSReleaseLabel", "ScaleDownBehavior", "Steps"}},
      {"AWS::EMR::SecurityConfiguration", {"Name", "SecurityConfiguration"}},
      {"AWS::IAM::AccessKey", {"Serial", "UserName"}},
      {"AWS::IAM::InstanceProfile", {"InstanceProfileName", "Path"}},
      {"AWS::IAM::ManagedPolicy", {"Description", "ManagedPolicyName", "Path"}},
      {"AWS::IAM::Role", {"Path", "RoleName"}},
      {"AWS::IAM::User", {"UserName"}},
      {"AWS::Kinesis::Stream", {"Name"}},
      {"AWS::Lambda::Function", {"FunctionName", "PackageType"}},
      {"AWS::Lex::Bot", {"BotType"}},
      {"AWS::OpenSearchService::Domain", {"DomainName"}},
      {"AWS::RDS::DBCluster",
       {"AvailabilityZones", "DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "EngineMode",
        "KmsKeyId", "MasterUsername", "PubliclyAccessible", "RestoreToTime", "SnapshotIdentifier",
        "SourceDBClusterIdentifier", "SourceRegion", "StorageEncrypted", "UseLatestRestorableTime"}},
      {"AWS::RDS::DBClusterParameterGroup", {"DBClusterParameterGroupName", "Description", "Family"}},
      {"AWS::RDS::DBInstance",
       {"CharacterSetName", "CustomIAMInstanceProfile", "DBClusterIdentifier", "DBInstanceIdentifier",
        "DBName", "DBSubnetGroupName", "KmsKeyId", "MasterUsername", "NcharCharacterSetName", "SourceRegion",
        "StorageEncrypted", "Timezone"}},
      {"AWS::RDS::DBParameterGroup", {"DBParameterGroupName", "Description", "Family"}},
      {"AWS::RDS::DBSubnetGroup", {"DBSubnetGroupName"}},
      {"AWS::RDS::OptionGroup",
       {"EngineName", "MajorEngineVersion", "OptionGroupDescription", "OptionGroupName"}},
      {"AWS::Redshift::Cluster",
       {"ClusterIdentifier", "ClusterSubnetGroupName", "DBName", "MasterUsername", "OwnerAccount",
        "SnapshotClusterIdentifier", "SnapshotIdentifier"}},
      {"AWS::Redshift::ClusterParameterGroup", {"Description", "ParameterGroupFamily", "ParameterGroupName"}},
      {"AWS::Route53::HostedZone", {"Name"}},
      {"AWS::Route53::RecordSet", {"HostedZoneId", "HostedZoneName", "Name"}},
      {"AWS::S3::Bucket", {"BucketName"}},
      {"AWS::SecretsManager::Secret", {"Name"}},
      {"AWS::SNS::Subscription", {"Endpoint", "Protocol", "TopicArn"}},
      {"AWS::SNS::Topic", {"FifoTopic", "TopicName"}},
      {"AWS::SQS::Queue", {"FifoQueue", "QueueName"}},
      {"AWS::SSM::Parameter", {"Name"}}};
  return table;
}

bool is_in(const auto& set, std::string_view name) {
  return set.contains(name);
}

}  // namespace

bool is_custom(std::string_view type) {
  return type.starts_with("Custom::") || type == "AWS::CloudFormation::CustomResource";
}

Difference difference_of(std::string_view type, const json::object& before, const json::object& after) {
  if (before == after) return Difference::none;
  const auto found = replaced_by().find(type);
  if (found == replaced_by().end()) return Difference::in_place;
  const bool replaces = std::ranges::any_of(found->second, [&](std::string_view name) {
    const json::value* left = before.if_contains(name);
    const json::value* right = after.if_contains(name);
    return (left == nullptr) != (right == nullptr) || (left != nullptr && *left != *right);
  });
  return replaces ? Difference::replacement : Difference::in_place;
}

bool holds_data(std::string_view type, const json::object& properties) {
  static const std::set<std::string_view> types{"AWS::AmazonMQ::Broker",
                                                "AWS::CodeCommit::Repository",
                                                "AWS::Cognito::IdentityPool",
                                                "AWS::Cognito::UserPool",
                                                "AWS::DocDB::DBCluster",
                                                "AWS::DynamoDB::Table",
                                                "AWS::EC2::Volume",
                                                "AWS::EFS::FileSystem",
                                                "AWS::ElastiCache::CacheCluster",
                                                "AWS::ElastiCache::ReplicationGroup",
                                                "AWS::EMR::Cluster",
                                                "AWS::Kinesis::Stream",
                                                "AWS::KMS::Key",
                                                "AWS::OpenSearchService::Domain",
                                                "AWS::RDS::DBCluster",
                                                "AWS::RDS::DBInstance",
                                                "AWS::Redshift::Cluster",
                                                "AWS::Route53::HostedZone",
                                                "AWS::Route53::RecordSet",
                                                "AWS::S3::Bucket",
                                                "AWS::SNS::Topic",
                                                "AWS::SQS::Queue"};
  if (!is_in(types, type)) return false;
  return type != "AWS::RDS::DBInstance" ||
         !(properties.contains("DBClusterIdentifier") || properties.contains("SourceDBInstanceIdentifier") ||
           properties.contains("SourceDBClusterIdentifier"));
}

bool has_snapshots(std::string_view type) {
  static const std::set<std::string_view> types{
      "AWS::DocDB::DBCluster",          "AWS::EC2::Volume",
      "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup",
      "AWS::Neptune::DBCluster",        "AWS::RDS::DBCluster",
      "AWS::RDS::DBInstance",           "AWS::Redshift::Cluster"};
  return is_in(types, type);
}

// "For AWS::RDS::DBCluster resources and for AWS::RDS::DBInstance resources that don't specify the
// DBClusterIdentifier property, the default policy is Snapshot."
std::string default_deletion_policy(std::string_view type, const json::object& properties) {
  const bool is_database = type == "AWS::RDS::DBCluster" ||
                           (type == "AWS::RDS::DBInstance" && !properties.contains("DBClusterIdentifier"));
  return is_database ? "Snapshot" : "Delete";
}

std::string_view name_property(std::string_view type) {
  static const std::map<std::string_view, std::string_view> names{
      {"AWS::AmazonMQ::Broker", "BrokerName"},
      {"AWS::CodeCommit::Repository", "RepositoryName"},
      {"AWS::DocDB::DBCluster", "DBClusterIdentifier"},
      {"AWS::DocDB::DBInstance", "DBInstanceIdentifier"},
      {"AWS::DynamoDB::Table", "TableName"},
      {"AWS::EC2::SecurityGroup", "GroupName"},
      {"AWS::ElastiCache::CacheCluster", "ClusterName"},
      {"AWS::EMR::SecurityConfiguration", "Name"},
      {"AWS::IAM::InstanceProfile", "InstanceProfileName"},
      {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
      {"AWS::IAM::Role", "RoleName"},
      {"AWS::IAM::User", "UserName"},
      {"AWS::Kinesis::Stream", "Name"},
      {"AWS::Lambda::Function", "FunctionName"},
      {"AWS::OpenSearchService::Domain", "DomainName"},
      {"AWS::RDS::DBCluster", "DBClusterIdentifier"},
      {"AWS::RDS::DBInstance", "DBInstanceIdentifier"},
      {"AWS::RDS::DBParameterGroup", "DBParameterGroupName"},
      {"AWS::RDS::DBSubnetGroup", "DBSubnetGroupName"},
      {"AWS::RDS::OptionGroup", "OptionGroupName"},
      {"AWS::Redshift::Cluster", "ClusterIdentifier"},
      {"AWS::S3::Bucket", "BucketName"},
      {"AWS::SecretsManager::Secret", "Name"},
      {"AWS::SNS::Topic", "TopicName"},
      {"AWS::SQS::Queue", "QueueName"},
      {"AWS::SSM::Parameter", "Name"}};
  const auto found = names.find(type);
  return found == names.end() ? std::string_view() : found->second;
}

std::string service_of(std::string_view type) {
  if (!type.starts_with("AWS::")) return "cloudformation";
  type.remove_prefix(5);
  return core::to_lower(type.substr(0, type.find(':')));
}

}  // namespace simulation
