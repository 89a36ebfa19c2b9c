"""A lost table, stacks of others, and creations that fail: what is ours is found by its tag, what is not is never touched."""

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from osb_client import new_id

QUEUE = {"service": "queue", "plan": "standard"}
TEMPLATES = REPOSITORY / "tests/data/templates"
INSTANCE_TAG = "aws-service-broker:instance-id"


@pytest.fixture
def broker(make_broker, table):
    return make_broker("--store", f"dynamodb:{table}", "--template-folder", str(TEMPLATES))


@pytest.fixture
def lose_records(emulator, table):
    def lose() -> None:
        dynamodb = emulator.client("dynamodb")
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("id", "userid")})

    return lose


def stack_name(instance: str) -> str:
    return f"aws-service-broker-queue-{instance}"


def make_stack(emulator, instance: str, tags: dict[str, str], template: str = "queue-main.yaml") -> None:
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack_name(instance),
        TemplateBody=(TEMPLATES / template).read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    wait_until("the stack", lambda: status_of(emulator, instance) == "CREATE_COMPLETE", 30)


def status_of(emulator, instance: str) -> str:
    return emulator.client("cloudformation").describe_stacks(StackName=stack_name(instance))["Stacks"][0]["StackStatus"]


def test_what_a_lost_table_knew_is_found_by_name_and_tag_and_removed(broker, account, lose_records):
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    assert osb.bind(instance, binding, **QUEUE).status == 201
    lose_records()
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    assert account.binding_users(binding) == []
    osb.deprovisioned(instance, **QUEUE)
    assert account.stacks(instance) == []


def test_a_repeated_provision_adopts_the_stack_that_a_lost_table_knew(broker, account, lose_records):
    osb, instance = broker.client, new_id()
    osb.provisioned(instance, **QUEUE)
    lose_records()
    found = osb.provision(instance, **QUEUE)
    assert found.status == 200, "no platform removes anything after that"
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert osb.bind(instance, new_id(), **QUEUE).status == 201
    assert len(account.stacks(instance)) == 1
    osb.deprovisioned(instance, **QUEUE)


@pytest.mark.parametrize("tags", [{}, {INSTANCE_TAG: "another"}], ids=["no tag", "another's tag"])
def test_a_stack_of_that_name_that_is_not_ours_is_never_touched(broker, account, emulator, table, tags):
    osb, instance = broker.client, new_id()
    make_stack(emulator, instance, tags)
    refused = osb.provision(instance, **QUEUE)
    assert refused.status == 409
    assert stack_name(instance) in refused.body["description"]
    assert account.records(f"dynamodb:{table}") == [], "the intent is withdrawn"
    assert osb.deprovision(instance, **QUEUE).status == 410
    assert status_of(emulator, instance) == "CREATE_COMPLETE"
    emulator.client("cloudformation").delete_stack(StackName=stack_name(instance))


def test_a_stack_that_someone_else_deletes_meanwhile_is_a_failed_creation(broker, emulator, account):
    osb, instance = broker.client, new_id()
    assert osb.provision(instance, **QUEUE).status == 202
    emulator.client("cloudformation").delete_stack(StackName=stack_name(instance))
    wait_until("the stack's end", lambda: account.stacks(instance) == [], 30)
    settled = osb.until_settled(instance)
    assert settled.body["state"] == "failed"
    assert "deleted by someone else" in settled.body["description"]
    osb.deprovisioned(instance, **QUEUE)


def test_a_failed_creation_says_the_first_failed_resource_and_leaves_nothing(broker, account):
    osb, instance = broker.client, new_id()
    broken = {"service": "broken", "plan": "standard"}
    assert osb.provision(instance, **broken).status == 202
    settled = osb.until_settled(instance)
    assert settled.body["state"] == "failed"
    assert settled.body["description"].startswith("Broken: "), "the resource, then CloudFormation's reason"
    assert osb.last_operation(instance).body == settled.body, "a repeated poll says the same"
    again = osb.provision(instance, **broken)
    assert again.status == 409
    assert settled.body["description"] in again.body["description"]
    assert osb.bind(instance, new_id(), **broken).status == 400
    osb.deprovisioned(instance, **broken)
    assert account.stacks(instance) == []
