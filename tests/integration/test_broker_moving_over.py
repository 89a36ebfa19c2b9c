"""A broker started with the Go broker's flags serves what the Go broker left in its table."""

import json

import pytest
from chandlery_dev.walkthrough import class_id, plan_id
from osb_client import new_id

ACCOUNT_UUID = "5c6cfb2d-bc47-5d42-94e9-1d4a5e427876"  # of account 000000000000 and the broker id awsservicebroker

STACK = {
    "Description": "A bucket",
    "Metadata": {
        "AWS::ServiceBroker::Specification": {
            "Version": 1.0,
            "Name": "s3",
            "ServicePlans": {plan: {"DisplayName": plan, "Description": plan} for plan in ("production", "custom")},
        }
    },
    "Parameters": {"Owner": {"Type": "String", "Default": "nobody"}},
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "AWSSBInjectedIAMUser": {
            "Type": "AWS::IAM::User",
            "Properties": {
                "Policies": [
                    {
                        "PolicyName": "own",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
                    }
                ]
            },
        },
    },
    "Outputs": {
        "BucketName": {"Value": {"Ref": "Bucket"}},
        "UserKeyId": {"Value": "/asb/old-key-id"},
        "UserSecretKey": {"Value": "/asb/old-secret-key"},
    },
}


class GoBroker:
    """What the Go broker would have written and made."""

    def __init__(self, emulator):
        self.dynamodb, self.cloudformation = emulator.client("dynamodb"), emulator.client("cloudformation")
        self.ssm = emulator.client("ssm")
        self.table = f"awssb-{new_id()}"
        self.dynamodb.create_table(
            TableName=self.table,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "userid", "type")],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "type-userid-index",
                    "KeySchema": [{"AttributeName": "type", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["locked"]},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
                }
            ],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )

    def instance(self, plan: str = "production", **params: str) -> str:
        instance = new_id()
        for name, value in (("/asb/old-key-id", "AKIAOLD"), ("/asb/old-secret-key", "the-old-secret")):
            self.ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
        stack = self.cloudformation.create_stack(StackName=f"aws-service-broker-s3-{instance}", TemplateBody=json.dumps(STACK))["StackId"]
        self.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
        attributes = {"ID": instance, "ServiceID": class_id("s3"), "PlanID": plan_id("s3", plan), "StackID": stack}
        params = {"target_role_name": {"NULL": True}, "region": {"S": "us-east-1"}, **{name: {"S": value} for name, value in params.items()}}
        self._put(instance, "serviceinstance", {**{name: {"S": value} for name, value in attributes.items()}, "Params": {"M": params}})
        return instance

    def binding(self, instance: str) -> str:
        binding = new_id()
        nothing = {"NULL": True}
        self._put(binding, "servicebinding", {"ID": {"S": binding}, "InstanceID": {"S": instance}, "PolicyArn": nothing,
                                              "RoleName": nothing, "Scope": nothing})  # fmt: skip
        return binding

    def _put(self, id_: str, type_: str, attributes: dict) -> None:
        self.dynamodb.put_item(TableName=self.table, Item={"id": {"S": id_}, "userid": {"S": ACCOUNT_UUID}, "type": {"S": type_}, type_: {"M": attributes}})

    def ids_left(self) -> set[str]:
        return {item["id"]["S"] for item in self.dynamodb.scan(TableName=self.table)["Items"]}


@pytest.fixture
def go(emulator) -> GoBroker:
    return GoBroker(emulator)


def flags_of(go: GoBroker) -> list[str]:
    return ["-logtostderr", "-v=10", "-brokerId", "awsservicebroker", "-tableName", go.table, "-region=us-east-1", "-prescribeOverrides=false",
            "-templateFilter", "-main.yaml", "-stderrthreshold", "INFO", "-alsologtostderr=true"]  # fmt: skip


@pytest.mark.parametrize("credentials", ["shared", "per-binding"])
def test_an_instance_is_bound_updated_unbound_and_deprovisioned(make_broker, go, account, credentials):
    instance = go.instance()
    old_binding, binding = go.binding(instance), new_id()
    users = account.users()
    osb = make_broker(*flags_of(go), "--binding-credentials", credentials).client

    assert osb.last_operation(instance).body["state"] == "succeeded"
    bound = osb.bind(instance, binding)
    assert bound.status == 201, bound
    assert bound.body["credentials"]["BUCKET_NAME"]
    if credentials == "shared":
        assert bound.body["credentials"]["S3_USER_SECRET_KEY"] == "the-old-secret"
    else:
        assert "the-old-secret" not in str(bound.body)
    body = {"service_id": class_id("s3"), "plan_id": plan_id("s3", "production"), "previous_values": {}}
    assert osb.call("PATCH", f"/v2/service_instances/{instance}?accepts_incomplete=true", body).status == 200
    for each in (binding, old_binding):
        assert osb.unbind(instance, each).status == 200
    osb.deprovisioned(instance)
    assert account.stacks(instance) == []
    assert account.users() < users, "the stack's user is gone, and so are those of bindings"
    assert not {instance, old_binding, binding} & go.ids_left()


def test_a_provision_repeated_after_the_move_is_known(make_broker, go):
    instance = go.instance("custom", BucketName="mine")
    osb = make_broker(*flags_of(go)).client
    assert osb.last_operation(instance).body["state"] == "succeeded"
    assert osb.provision(instance, plan="custom", parameters={"BucketName": "mine", "region": "us-east-1"}).status == 200
    assert osb.provision(instance, plan="custom", parameters={"BucketName": "another"}).status == 409


def test_what_the_go_broker_can_read_goes_on_being_written(make_broker, go):
    osb, instance = make_broker(*flags_of(go)).client, new_id()
    osb.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    item = go.dynamodb.get_item(TableName=go.table, Key={"id": {"S": instance}, "userid": {"S": ACCOUNT_UUID}})["Item"]
    assert item["type"] == {"S": "serviceinstance"}
    assert item["serviceinstance"]["M"]["StackID"]["S"].startswith("arn:")
    assert item["serviceinstance"]["M"]["Params"]["M"]["PreventDeletion"] == {"S": "False"}
    osb.deprovisioned(instance, plan="custom")


def test_secret_values_are_sealed_in_what_the_go_broker_can_read_too(make_broker, go, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "queue-main.yaml").write_text(
        """
Description: A queue
Metadata:
  AWS::ServiceBroker::Specification:
    Version: 1.0
    Name: queue
    DisplayName: Queue
    ServicePlans:
      small: {DisplayName: Small, Description: small}
Parameters:
  Hidden: {Type: String, NoEcho: true}
  ApiToken: {Type: String}
Resources:
  Queue: {Type: AWS::SQS::Queue}
"""
    )
    broker = make_broker(*flags_of(go), "--template-folder", str(folder), "--log-level", "debug")
    osb, instance = broker.client, new_id()
    osb.provisioned(instance, service="queue", plan="small", parameters={"Hidden": "hush-one", "ApiToken": "hush-two"})
    items = json.dumps(go.dynamodb.scan(TableName=go.table)["Items"], default=str)
    for place in (items, broker.process.output()):
        assert "hush-one" not in place
        assert "hush-two" not in place
    osb.deprovisioned(instance, service="queue", plan="small")


def test_keys_of_another_account_that_the_go_broker_recorded_are_found_among_the_overrides_by_their_id(make_broker, go):
    instance = go.instance(aws_access_key="000000000000", aws_secret_key="the-recorded-secret")
    override = "PARAM_OVERRIDE_awsservicebroker_all_tenant_all_aws"
    environment = {f"{override}_access_key": "000000000000", f"{override}_secret_key": "the-recorded-secret"}
    broker = make_broker(*flags_of(go), environment=environment)
    osb = broker.client
    assert osb.last_operation(instance).body["state"] == "succeeded"
    assert osb.bind(instance, new_id()).status == 201
    assert "the-recorded-secret" not in str(osb.fetch_instance(instance)) + str(go.dynamodb.scan(TableName=go.table)) + broker.process.output()
    osb.deprovisioned(instance)
