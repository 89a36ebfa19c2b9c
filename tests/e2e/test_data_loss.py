"""An update that would lose data, as kubectl users meet it: refused, with what would be lost and the way out, and done once they allow it."""

import json

import pytest
from chandlery_dev.processes import wait_until

MANIFEST = {
    "apiVersion": "servicecatalog.k8s.io/v1beta1",
    "kind": "ServiceInstance",
    "metadata": {"name": "queue"},
    "spec": {"clusterServiceClassExternalName": "sqs", "clusterServicePlanExternalName": "standard", "parameters": {"DelaySeconds": 1}},
}


@pytest.fixture
def kubectl(stack, stack_namespace):
    return stack.in_namespace(stack_namespace)


def instance(kubectl) -> dict:
    return json.loads(kubectl("get", "serviceinstance/queue", "-o", "json"))


def message_of_ready(kubectl) -> str:
    return next((one["message"] for one in instance(kubectl)["status"].get("conditions", []) if one["type"] == "Ready"), "")


def patch(kubectl, **spec) -> None:
    kubectl("patch", "serviceinstance/queue", "--type=merge", "-p", json.dumps({"spec": spec}))


def test_a_plan_that_replaces_data_takes_the_users_word(kubectl, stack):
    kubectl("create", "-f", "-", stdin=json.dumps(MANIFEST))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=60s")
    stack_name = f"aws-service-broker-sqs-{instance(kubectl)['spec']['externalID']}"
    describe = stack.emulator.client("cloudformation").describe_stacks

    def parameters() -> dict:
        return {one["ParameterKey"]: one["ParameterValue"] for one in describe(StackName=stack_name)["Stacks"][0]["Parameters"]}

    patch(kubectl, clusterServicePlanExternalName="fifo")
    told = wait_until("the refusal", lambda: "allow_replacement" in (text := message_of_ready(kubectl)) and text, 30)
    assert "SQSQueue (AWS::SQS::Queue)" in told and "FifoQueue" in told
    assert parameters()["FifoQueue"] == "false"

    patch(kubectl, parameters={"allow_replacement": True})
    wait_until("the update", lambda: parameters()["FifoQueue"] == "true", 60)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=60s")
    assert "allow_replacement" not in parameters()

    # Taken out again, it changes nothing in AWS, and other updates go on.
    patch(kubectl, parameters={"allow_replacement": None, "DelaySeconds": 3})
    wait_until("the update", lambda: parameters()["DelaySeconds"] == "3", 60)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=60s")
    patch(kubectl, clusterServicePlanExternalName="standard")
    wait_until("the refusal", lambda: "allow_replacement" in message_of_ready(kubectl), 30)
    kubectl("delete", "serviceinstance/queue", "--timeout=60s")
