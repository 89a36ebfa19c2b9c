"""The emulator of `make run`, killed with kill -9: what it has acknowledged is there, and its stacks go on."""

import json

import pytest
from chandlery_dev.emulator import Emulator
from chandlery_dev.processes import wait_until

STACK = "slow"
# A custom resource, which takes its time between two buckets.
FUNCTION = """
import time
import cfnresponse

def handler(event, context):
    time.sleep(float(event["ResourceProperties"]["Seconds"]))
    fails = event["ResourceProperties"].get("Fails") == "yes" and event["RequestType"] == "Update"
    cfnresponse.send(event, context, cfnresponse.FAILED if fails else cfnresponse.SUCCESS, {}, "slow-resource", reason="as asked")
"""


def template(versioning: str = "Suspended", fails: str = "no", more: bool = False) -> str:
    bucket = {"Type": "AWS::S3::Bucket"}
    resources = {
        "First": {**bucket, "Properties": {"VersioningConfiguration": {"Status": versioning}}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13", "Handler": "index.handler", "Timeout": 60, "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": FUNCTION},
            },
        },
        "Slow": {
            "Type": "AWS::CloudFormation::CustomResource", "DependsOn": ["First", *(["Second"] if more else [])],
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Seconds": "2", "Fails": fails, "Versioning": versioning},
        },
        "Last": {**bucket, "DependsOn": "Slow"},
    }  # fmt: skip
    if more:
        resources["Second"] = bucket
    return json.dumps({"Resources": resources})


class Aws:
    def __init__(self, folder):
        self.emulator = Emulator(folder, persist=True).start()
        self.stacks = self.emulator.client("cloudformation")

    def status(self) -> str:
        return self.stacks.describe_stacks(StackName=self.id)["Stacks"][0]["StackStatus"]

    def create(self, body: str) -> None:
        self.id = self.stacks.create_stack(StackName=STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])["StackId"]

    def update(self, body: str) -> None:
        self.stacks.update_stack(StackName=STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])

    def killed_in(self, status: str, then: str, resource: str = "Slow") -> None:
        """kill -9 as soon as the operation has come to the slow resource, and the end that it finds after a new start."""
        wait_until("the slow resource", lambda: self.status() == status and self.last_event(resource).endswith("_IN_PROGRESS"), 30, interval=0.02)
        self.emulator.process.kill()
        self.emulator.start()
        wait_until(then, lambda: self.status() == then, 60)

    def last_event(self, resource: str) -> str:
        events = self.stacks.describe_stack_events(StackName=self.id)["StackEvents"]
        return next((event["ResourceStatus"] for event in events if event["LogicalResourceId"] == resource), "")

    def buckets(self) -> dict[str, str]:
        """By their logical ids; one that the stack does not know fails."""
        owned = {
            one["PhysicalResourceId"]: one["LogicalResourceId"] for one in self.stacks.list_stack_resources(StackName=self.id)["StackResourceSummaries"]
        }
        return {owned[one["Name"]]: one["Name"] for one in self.emulator.client("s3").list_buckets()["Buckets"]}

    def versioning(self) -> str:
        return self.emulator.client("s3").get_bucket_versioning(Bucket=self.buckets()["First"]).get("Status", "")


@pytest.fixture
def aws(tmp_path):
    aws = Aws(tmp_path)
    yield aws
    aws.emulator.stop()


def test_a_stack_goes_on_with_its_creation_updates_roll_back_and_deletion(aws):
    aws.create(template())
    aws.killed_in("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert set(aws.buckets()) == {"First", "Last"}
    buckets = aws.buckets()

    aws.update(template(versioning="Enabled", more=True))
    aws.killed_in("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    assert set(aws.buckets()) == {"First", "Second", "Last"}
    assert {name: aws.buckets()[name] for name in buckets} == buckets
    assert aws.versioning() == "Enabled"

    aws.update(template(versioning="Suspended", fails="yes"))
    aws.killed_in("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    assert set(aws.buckets()) == {"First", "Second", "Last"}
    assert aws.versioning() == "Enabled"

    aws.stacks.delete_stack(StackName=aws.id)
    aws.killed_in("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    assert aws.emulator.client("s3").list_buckets()["Buckets"] == []
    assert aws.emulator.client("lambda").list_functions()["Functions"] == []
    assert aws.emulator.client("iam").list_roles()["Roles"] == []


def test_what_was_acknowledged_is_there_after_kill_9(aws):
    s3, table = aws.emulator.client("s3"), aws.emulator.client("dynamodb")
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    table.create_table(TableName="table", KeySchema=key, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST")
    s3.create_bucket(Bucket="bucket")
    for number in range(10):
        table.put_item(TableName="table", Item={"id": {"S": str(number)}})
        s3.put_object(Bucket="bucket", Key=str(number), Body=b"x" * number)
        aws.emulator.client("iam").create_user(UserName=f"u{number}")
        if number % 3 == 2:
            aws.emulator.process.kill()
            aws.emulator.start()
    aws.emulator.process.kill()
    aws.emulator.start()
    assert len(table.scan(TableName="table")["Items"]) == 10
    assert [each["Size"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == list(range(10))
    assert s3.get_object(Bucket="bucket", Key="9")["Body"].read() == b"x" * 9
    assert len(aws.emulator.client("iam").list_users()["Users"]) == 10


def test_a_state_of_an_older_version_is_taken_over(tmp_path):
    folder = tmp_path / "emulator-state"
    first = Emulator(tmp_path, persist=True).start()
    first.client("iam").create_user(UserName="old")
    first.stop()
    (folder / "state.db").unlink()  # it kept only the files that the emulator writes when it ends
    second = Emulator(tmp_path, persist=True).start()
    try:
        assert [one["UserName"] for one in second.client("iam").list_users()["Users"]] == ["old"]
    finally:
        second.stop()
