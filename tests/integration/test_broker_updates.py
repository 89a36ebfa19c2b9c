"""PATCH: what the answers say and what becomes of the stack, also where CloudFormation or the broker fails."""

import base64
import json

import pytest
from chandlery_dev.processes import wait_until
from osb_client import new_id

SQS = {"service": "sqs"}


@pytest.fixture
def instance(osb):
    identifier = new_id()
    osb.provisioned(identifier, plan="standard", parameters={"DelaySeconds": 1}, **SQS)
    yield identifier
    osb.deprovisioned(identifier, plan="standard", **SQS)


def parameters_of(emulator, instance: str) -> dict:
    stack = emulator.client("cloudformation").describe_stacks(StackName=f"aws-service-broker-sqs-{instance}")["Stacks"][0]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}


def test_a_parameter_changes_and_the_others_stay(osb, emulator, instance):
    answer = osb.update(instance, parameters={"VisibilityTimeout": "60"}, **SQS)
    assert (answer.status, answer.body) == (202, {"operation": "update-1"})
    assert osb.until_settled(instance).body["state"] == "succeeded"
    values = parameters_of(emulator, instance)
    assert (values["VisibilityTimeout"], values["DelaySeconds"]) == ("60", "1")
    fetched = osb.call("GET", f"/v2/service_instances/{instance}").body
    assert fetched["parameters"] == {"DelaySeconds": 1, "VisibilityTimeout": "60"}
    assert "cloudformation" in fetched["dashboard_url"]
    again = osb.update(instance, parameters={"VisibilityTimeout": 60}, accepts_incomplete=False, **SQS)
    assert (again.status, again.body) == (200, {})
    # What is there now is what a repeated provision is compared with.
    assert osb.provision(instance, plan="standard", parameters={"DelaySeconds": 1}, **SQS).status == 409


def test_an_update_that_is_refused_names_the_parameter(osb, instance):
    fifo = osb.update(instance, parameters={"FifoQueue": "true"}, **SQS)
    assert fifo.status == 400
    assert "FifoQueue" in fifo.body["description"] and "DelaySeconds" in fifo.body["description"]
    assert osb.update(instance, parameters={"DelaySeconds": "soon"}, **SQS).status == 400
    too_long = osb.update(instance, parameters={"DelaySeconds": 901}, **SQS)
    assert too_long.status == 400, "CloudFormation's own word"
    assert "DelaySeconds" in too_long.body["description"]
    needed = osb.update(instance, parameters={"DelaySeconds": 2}, accepts_incomplete=False, **SQS)
    assert (needed.status, needed.body["error"]) == (422, "AsyncRequired")
    assert osb.update(new_id(), parameters={"DelaySeconds": 2}, **SQS).status == 400
    assert osb.call("GET", f"/v2/service_instances/{instance}").body["parameters"] == {"DelaySeconds": 1}


def queue_urls(emulator, instance: str) -> dict[str, str]:
    stack = emulator.client("cloudformation").describe_stack_resources(StackName=f"aws-service-broker-sqs-{instance}")["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in stack if one["ResourceType"] == "AWS::SQS::Queue"}


def test_another_plan_that_replaces_data_is_refused_unless_the_request_allows_it(osb, emulator, instance):
    urls, values = queue_urls(emulator, instance), parameters_of(emulator, instance)
    refused = osb.update(instance, plan="fifo", **SQS)
    assert refused.status == 422, refused
    assert "error" not in refused.body
    for part in ("SQSQueue (AWS::SQS::Queue)", "its messages", "property FifoQueue", "the plan fifo changes the parameter FifoQueue", "allow_replacement"):
        assert part in refused.body["description"]
    assert osb.update(instance, plan="fifo", parameters={"allow_replacement": "perhaps"}, **SQS).status == 400
    # Nothing is recorded, and the stack has not been touched.
    fetched = osb.call("GET", f"/v2/service_instances/{instance}")
    assert (fetched.status, fetched.body["parameters"]) == (200, {"DelaySeconds": 1})
    assert (queue_urls(emulator, instance), parameters_of(emulator, instance)) == (urls, values)
    assert osb.update(instance, parameters={"DelaySeconds": 2}, **SQS).status == 202, "other updates go on"
    assert osb.until_settled(instance).body["state"] == "succeeded"

    allowed = osb.update(instance, plan="fifo", parameters={"allow_replacement": True}, **SQS)
    assert allowed.status == 202
    assert osb.until_settled(instance).body["state"] == "succeeded"
    values = parameters_of(emulator, instance)
    assert (values["FifoQueue"], values["DelaySeconds"]) == ("true", "2")
    assert "allow_replacement" not in values
    assert osb.call("GET", f"/v2/service_instances/{instance}").body["parameters"] == {"DelaySeconds": 2}
    assert osb.update(instance, plan="standard", **SQS).status == 422, "consent holds for its own request only"


def test_a_parameter_that_deletes_data_is_refused_unless_the_request_allows_it(osb, emulator, instance):
    assert osb.update(instance, parameters={"UsedeadletterQueue": "true"}, **SQS).status == 202
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert "DeadLetterQueue" in queue_urls(emulator, instance)
    refused = osb.update(instance, parameters={"UsedeadletterQueue": "false"}, **SQS)
    assert refused.status == 422
    assert "delete the resource DeadLetterQueue (AWS::SQS::Queue)" in refused.body["description"]
    assert "UsedeadletterQueue" in refused.body["description"]
    assert "DeadLetterQueue" in queue_urls(emulator, instance)
    assert osb.update(instance, parameters={"UsedeadletterQueue": "false", "allow_replacement": "true"}, **SQS).status == 202
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert "DeadLetterQueue" not in queue_urls(emulator, instance)


def test_the_consent_is_a_parameter_at_creation_too_where_it_means_nothing(osb, emulator):
    instance = new_id()
    osb.provisioned(instance, plan="standard", parameters={"DelaySeconds": 1, "allow_replacement": True}, **SQS)
    assert osb.provision(instance, plan="standard", parameters={"DelaySeconds": 1}, **SQS).status == 200
    assert "allow_replacement" not in parameters_of(emulator, instance)
    assert osb.update(instance, plan="fifo", **SQS).status == 422
    osb.deprovisioned(instance, plan="standard", **SQS)


def test_an_instance_does_not_move_to_another_namespace_by_an_update(osb, emulator, instance):
    moved = {"platform": "kubernetes", "namespace": "elsewhere", "clusterid": "c"}
    assert osb.update(instance, context=moved, **SQS).status == 409
    stack = emulator.client("cloudformation").describe_stacks(StackName=f"aws-service-broker-sqs-{instance}")["Stacks"][0]
    assert {"Key": "aws-service-broker:namespace", "Value": "tests"} in stack["Tags"]
    renamed = {"platform": "kubernetes", "namespace": "tests", "clusterid": "c", "instance_name": "renamed"}
    assert osb.update(instance, context=renamed, **SQS).status == 200


def test_updates_of_an_instance_come_one_after_another(osb, instance):
    first = osb.update(instance, parameters={"DelaySeconds": 2}, **SQS)
    assert first.status == 202
    same = osb.update(instance, parameters={"DelaySeconds": 2}, **SQS)
    other = osb.update(instance, parameters={"DelaySeconds": 3}, **SQS)
    # The emulator may have finished in between.
    assert (same.status, same.body.get("operation")) in ((202, "update-1"), (200, None))
    assert (other.status, other.body.get("error")) in ((422, "ConcurrencyError"), (202, None))
    osb.until_settled(instance)


def test_a_killed_broker_goes_on_with_an_update(make_broker, emulator):
    broker = make_broker()
    osb, instance = broker.client, new_id()
    osb.provisioned(instance, plan="standard", **SQS)
    assert osb.update(instance, parameters={"DelaySeconds": 7}, **SQS).status == 202
    broker.restart_after_kill()
    again = osb.update(instance, parameters={"DelaySeconds": 7}, **SQS)
    assert again.status in (200, 202)
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert parameters_of(emulator, instance)["DelaySeconds"] == "7"
    osb.deprovisioned(instance, plan="standard", **SQS)


def test_an_instance_can_be_deleted_while_it_is_updated(osb, account):
    instance = new_id()
    osb.provisioned(instance, plan="standard", **SQS)
    assert osb.update(instance, parameters={"UsedeadletterQueue": "true"}, **SQS).status == 202
    osb.deprovisioned(instance, plan="standard", **SQS)
    assert account.stacks(instance) == []


def test_the_user_who_asked_is_in_the_log(make_broker):
    broker = make_broker()
    identity = base64.b64encode(json.dumps({"username": "duke", "uid": "1", "groups": [], "extra": {}}).encode()).decode()
    broker.client.headers["X-Broker-API-Originating-Identity"] = f"kubernetes {identity}"
    broker.client.update(new_id(), parameters={}, **SQS)
    wait_until("the line", lambda: "duke" in broker.process.log.read_text(), 5)
