"""What the deletion of an instance leaves in the account: its last event names it."""

import json

import pytest
from chandlery_dev.processes import wait_until

KEPT = {"production": {}, "custom": {"PreventDeletion": "False", "EnableLogging": "False"}}


def last_event(kubectl, name: str) -> str:
    selector = f"involvedObject.name={name},reason=DeprovisionedSuccessfully"
    find = lambda: json.loads(kubectl("get", "events", "--field-selector", selector, "-o", "json"))["items"]  # noqa: E731
    (event,) = wait_until("its last event", find, 20)
    assert event["type"] == "Normal"
    return event["message"]


@pytest.mark.parametrize("plan", KEPT)
def test_the_last_event_of_an_instance_names_what_its_stack_has_left(stack, stack_namespace, plan):
    kubectl = stack.in_namespace(stack_namespace)
    s3 = stack.emulator.client("s3")
    before = {one["Name"] for one in s3.list_buckets()["Buckets"]}
    spec = {"clusterServiceClassExternalName": "s3", "clusterServicePlanExternalName": plan, "parameters": KEPT[plan]}
    instance = {"apiVersion": "servicecatalog.k8s.io/v1beta1", "kind": "ServiceInstance", "metadata": {"name": plan}, "spec": spec}
    kubectl("create", "-f", "-", stdin=json.dumps(instance))
    kubectl("wait", "--for=condition=Ready", "--timeout=60s", f"serviceinstance/{plan}")
    kubectl("delete", "--timeout=60s", f"serviceinstance/{plan}")
    left = {one["Name"] for one in s3.list_buckets()["Buckets"]} - before
    beginning = "The instance was deprovisioned successfully. The broker says: The stack is deleted."
    message = last_event(kubectl, plan)
    if plan == "custom":
        assert (message, left) == (beginning, set())
    else:
        assert len(left) == 2
        named = message.removeprefix(f"{beginning} Its DeletionPolicy kept: ").removesuffix(".").split(", ")
        assert sorted(named) == sorted(f"AWS::S3::Bucket {name}" for name in left)
        for name in left:
            s3.delete_bucket(Bucket=name)
