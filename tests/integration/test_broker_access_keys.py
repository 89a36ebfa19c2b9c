"""Keys of another account, which the administrator gives by PARAM_OVERRIDE_…_aws_access_key and …_aws_secret_key."""

import boto3
import pytest
from chandlery_dev.emulator import REGION
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.walkthrough import class_id
from osb_client import new_id

QUEUE = {"service": "queue", "plan": "standard"}
SECRET = "the-secret-of-the-tenants-keys"
ACCOUNT = "222233334444"  # the emulator takes an account's number for keys of it


def overrides(access_key: str, secret_key: str = SECRET, place: str = "all_tests_all", **more: str) -> dict[str, str]:
    """For the namespace in which the client of the tests has its instances."""
    given = {"aws_access_key": access_key, "aws_secret_key": secret_key, **more}
    return {f"PARAM_OVERRIDE_awsservicebroker_{place}_{name}": value for name, value in given.items()}


class Tenant:
    """The other account, as its own administrator sees it."""

    def __init__(self, emulator):
        self._emulator = emulator

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self._emulator.url, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="x")

    def stacks(self, instance: str) -> list[str]:
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackName"] for one in stacks if instance in one["StackName"] and one["StackStatus"] != "DELETE_COMPLETE"]

    def parameters(self, instance: str) -> set[str]:
        (name,) = self.stacks(instance)
        (stack,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {one["ParameterKey"] for one in stack["Parameters"]}

    def binding_users(self, binding: str) -> list[str]:
        return [one["UserName"] for one in self.client("iam").list_users()["Users"] if binding in one["UserName"]]

    def other_keys(self) -> str:
        """The id of other keys of the account."""
        taken = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any", RoleSessionName="tests")
        return taken["Credentials"]["AccessKeyId"]


@pytest.fixture
def tenant(emulator) -> Tenant:
    return Tenant(emulator)


@pytest.fixture
def start(make_broker, table):
    def start(given: dict[str, str], *flags: str):
        templates = str(REPOSITORY / "tests/data/templates")
        return make_broker("--store", f"dynamodb:{table}", "--template-folder", templates, "--log-level", "debug", *flags, environment=given)

    return start


def restart(broker, given: dict[str, str]):
    """With those overrides instead of what there were."""
    env = broker.process.env
    broker.process.env = {name: value for name, value in env.items() if not name.startswith("PARAM_OVERRIDE_")} | given
    broker.restart_after_kill()


def test_instances_live_in_the_keys_account_and_the_secret_nowhere(start, tenant, account, emulator, table):
    broker = start(overrides(ACCOUNT))
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    assert len(tenant.stacks(instance)) == 1
    assert account.stacks(instance) == []
    assert tenant.parameters(instance) == {"DelaySeconds"}
    restart(broker, overrides(ACCOUNT))
    said = [osb.bind(instance, binding, **QUEUE), osb.fetch_instance(instance), osb.call("GET", "/v2/catalog"), osb.last_operation(instance)]
    assert [each.status for each in said] == [201, 200, 200, 200]
    assert len(tenant.binding_users(binding)) == 1
    assert osb.update(instance, parameters={"DelaySeconds": 7}, service="queue").status == 202
    said.append(osb.until_settled(instance))
    assert said[-1].body["state"] == "succeeded", said[-1]
    kept = str(emulator.client("dynamodb").scan(TableName=table)["Items"])
    assert ACCOUNT in kept
    for place in (str(said), kept, broker.process.output()):
        assert SECRET not in place
        assert "aws_access_key" not in place
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    assert tenant.binding_users(binding) == []
    osb.deprovisioned(instance, **QUEUE)
    assert tenant.stacks(instance) == []


def test_instances_of_other_namespaces_stay_in_the_brokers_account(start, tenant, account):
    osb, instance = start(overrides(ACCOUNT, place="all_others_all")).client, new_id()
    osb.provisioned(instance, **QUEUE)
    assert len(account.stacks(instance)) == 1
    assert tenant.stacks(instance) == []
    osb.deprovisioned(instance, **QUEUE)


def test_a_role_is_taken_with_the_keys(start, account, tenant):
    broker = start(overrides(ACCOUNT, target_role_name="worker", target_account_id="333344445555"))
    osb, instance = broker.client, new_id()
    osb.provisioned(instance, **QUEUE)
    assert account.stacks(instance) == tenant.stacks(instance) == []
    osb.deprovisioned(instance, **QUEUE)


@pytest.mark.parametrize("parameter", ["aws_access_key", "aws_secret_key"])
def test_a_user_may_not_give_them(start, parameter):
    osb = start(overrides(ACCOUNT)).client
    refused = osb.provision(new_id(), **QUEUE, parameters={parameter: "of-a-user"})
    assert refused.status == 400
    assert refused.body["description"] == f"The parameter {parameter} is not available."


def test_rotated_keys_of_the_same_place_go_on(start, tenant, emulator, table):
    broker = start(overrides(ACCOUNT))
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    renewed = tenant.other_keys()
    restart(broker, overrides(renewed, "another-secret"))
    assert osb.bind(instance, binding, **QUEUE).status == 201
    assert len(tenant.binding_users(binding)) == 1
    record = emulator.client("dynamodb").scan(TableName=table, FilterExpression="id = :id", ExpressionAttributeValues={":id": {"S": instance}})
    assert f'"accessKeyId":"{renewed}"' in record["Items"][0]["record"]["S"]
    osb.deprovisioned(instance, **QUEUE)
    assert tenant.stacks(instance) == []


def test_while_keys_are_missing_operations_say_which_and_nothing_is_lost(start, tenant):
    broker = start(overrides(ACCOUNT))
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    assert osb.bind(instance, binding, **QUEUE).status == 201
    assert osb.update(instance, parameters={"DelaySeconds": 7}, service="queue").status == 202
    restart(broker, {})
    wanted = "PARAM_OVERRIDE_awsservicebroker_c_tests_queue_aws_access_key"
    for answer in (
        osb.last_operation(instance),
        osb.bind(instance, new_id(), **QUEUE),
        osb.unbind(instance, binding, **QUEUE),
        osb.deprovision(instance, **QUEUE),
    ):
        assert answer.status == 500, answer
        assert wanted in answer.body["description"], answer
    assert wanted in broker.process.output()
    assert ACCOUNT not in broker.process.output().replace(f"cloudformation:{REGION}:{ACCOUNT}", "")
    assert len(tenant.stacks(instance)) == len(tenant.binding_users(binding)) == 1
    restart(broker, overrides(ACCOUNT))
    osb.deprovisioned(instance, **QUEUE)
    assert tenant.stacks(instance) == tenant.binding_users(binding) == []


def test_keys_of_a_third_account_do_not_take_the_place_of_others(start, tenant):
    broker = start(overrides(ACCOUNT))
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    assert osb.bind(instance, binding, **QUEUE).status == 201
    restart(broker, overrides("555566667777"))
    for _ in range(2):
        refused = osb.deprovision(instance, **QUEUE)
        assert refused.status == 500
        assert f"belongs to the account 555566667777, and this instance was created in {ACCOUNT}" in refused.body["description"]
    assert len(tenant.stacks(instance)) == len(tenant.binding_users(binding)) == 1
    restart(broker, overrides(ACCOUNT))
    osb.deprovisioned(instance, **QUEUE)
    assert tenant.stacks(instance) == tenant.binding_users(binding) == []


def test_without_a_record_they_are_looked_for_there(start, tenant, emulator, table):
    osb, instance = start(overrides(ACCOUNT)).client, new_id()
    osb.provisioned(instance, **QUEUE)
    dynamodb = emulator.client("dynamodb")
    for item in dynamodb.scan(TableName=table)["Items"]:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("id", "userid")})
    osb.deprovisioned(instance, **QUEUE)
    assert tenant.stacks(instance) == []


@pytest.mark.parametrize(("given", "missing"), [("aws_access_key", "aws_secret_key"), ("aws_secret_key", "aws_access_key")])
def test_half_a_pair_is_refused_at_the_start(run_broker, given, missing):
    done = run_broker("--insecure", environment={f"PARAM_OVERRIDE_awsservicebroker_all_tenant_all_{given}": "half-a-pair"})
    said = done.stderr + done.stdout
    assert done.returncode == 2
    assert f"PARAM_OVERRIDE_awsservicebroker_all_tenant_all_{missing} is missing" in said
    assert "half-a-pair" not in said


def test_no_plan_has_them(start):
    osb = start(overrides(ACCOUNT, place="all_all_all"), "--prescribe-overrides").client
    services = osb.call("GET", "/v2/catalog").body["services"]
    assert class_id("queue") in {each["id"] for each in services}
    assert "aws_access_key" not in str(services)
    assert "aws_secret_key" not in str(services)
