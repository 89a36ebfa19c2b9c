"""The exact CreateStack request for classes that no emulator can make; that the template in it is right, cfn-lint says (test_templates.py)."""

import json

import pytest
from chandlery_dev.templates import expanded
from osb_client import new_id

# The class's plan, what the user gives, and all parameters that CloudFormation must get.
REQUESTS = {
    # The emulators have no option groups for CloudFormation, or no endpoint of a server.
    "rdsoracle": (
        "custom",
        {"VpcId": "vpc-1", "AccessCidr": "10.0.0.0/8", "MasterUsername": "jane", "ServerTimezone": "Asia/Tokyo", "ReadReplica": 1},
        {"VpcId": "vpc-1", "AccessCidr": "10.0.0.0/8", "MasterUsername": "jane", "ServerTimezone": "Asia/Tokyo", "ReadReplica": "1"},
    ),
    "sqs": (
        "fifo",
        {"DelaySeconds": 7, "user_tags": '[{"Key": "team", "Value": "blue"}]'},
        {"FifoQueue": "true", "DelaySeconds": "7"},
    ),
    "lex": (
        "default",
        {"LexS3Bucket": "bots", "BotKey": "flowers.zip"},
        {"LexS3Bucket": "bots", "BotKey": "flowers.zip"},
    ),
    "codecommit": ("default", None, {}),
    "emr": (
        "production",
        {"KeyName": "jane", "VpcId": "vpc-1", "NumberOfCoreInstances": 3},
        {"EMRClusterName": "Auto", "EMRCidr": "Auto", "KeyName": "jane", "VpcId": "vpc-1", "NumberOfCoreInstances": "3"},
    ),
    "redshift": (
        "production",
        {"AccessCidr": "10.0.0.0/8", "VpcId": "vpc-1", "NodeType": "ds2.xlarge"},
        {
            "AccessCidr": "10.0.0.0/8", "VpcId": "vpc-1", "NodeType": "ds2.xlarge", "DBName": "Auto", "MasterUsername": "master",
            "MasterUserPassword": "Auto", "AllowVersionUpgrade": "False", "PortNumber": "15439", "NumberOfAvailabilityZones": "2",
            "AvailabilityZones": "Auto", "CidrSize": "27", "CidrBlocks": "Auto", "BackupRetentionPeriod": "35",
            "ClusterType": "multi-node", "LogBucketName": "", "StorageEncrypted": "True",
        },
    ),
    "mq": (
        "dev",
        {"AccessCidr": "10.0.0.0/8", "VpcId": "vpc-1", "InstanceType": "mq.t2.micro", "SubnetIds": "subnet-1"},
        {
            "AccessCidr": "10.0.0.0/8", "VpcId": "vpc-1", "InstanceType": "mq.t2.micro", "SubnetIds": "subnet-1", "AvailabilityZones": "Auto",
            "CidrBlocks": "Auto", "CidrSize": "27", "ConsoleAccess": "true", "Username": "master", "Password": "Auto", "BrokerName": "Auto",
            "DeploymentMode": "SINGLE_INSTANCE", "AuditLog": "false", "GeneralLog": "false", "AutoMinorVersionUpgrade": "true",
            "PreferredMaintenanceWindowDay": "SUNDAY", "PreferredMaintenanceWindowStartTime": "04:00",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("service", REQUESTS)
def test_cloudformation_is_asked_for_exactly_this(recorded_osb, recorder, service):
    plan, given, parameters = REQUESTS[service]
    instance = new_id()
    assert recorded_osb.provision(instance, service=service, plan=plan, parameters=given).status == 202
    request = recorder.of_instance(instance).created
    assert request.stack_name == f"aws-service-broker-{service}-{instance}"
    assert request.parameters == parameters
    assert not request.unchanged
    assert request.tags == {
        "aws-service-broker:broker-id": "awsservicebroker",
        "aws-service-broker:instance-id": instance,
        "aws-service-broker:cluster": "c",
        "aws-service-broker:namespace": "tests",
        **{tag["Key"]: tag["Value"] for tag in json.loads((given or {}).get("user_tags", "[]"))},
    }
    transforms = "AWS::LanguageExtensions" in request.template
    assert request.capabilities == ["CAPABILITY_NAMED_IAM", *(["CAPABILITY_AUTO_EXPAND"] if transforms else [])]
    assert request.template == expanded(service).removesuffix("\n")
    assert len(request.template.encode()) <= 51_200
    assert request.token.startswith("create-")
    assert not request.others
