"""kill -9 of each program in the middle: after a restart it finishes, with one stack and no leftovers."""

import json

import pytest
from chandlery_dev.processes import wait_until
from chandlery_dev.walkthrough import NAMESPACE, SAMPLES, Walkthrough

INSTANCE = ("serviceinstance/s3-bucket", "-n", NAMESPACE)
BINDING = ("servicebinding/s3-binding", "-n", NAMESPACE)


def restart(stack, victim: str) -> None:
    if victim == "broker":
        stack.broker.kill()
        stack.start_broker(*stack.prepare_account())
    else:
        stack.control_plane.kill()
        stack.start_control_plane()


def actions(stack) -> dict[str, int]:
    """How often the broker has answered each action."""
    lines = [line for line in stack.broker.output().splitlines() if "Answered" in line]
    names = [part.removeprefix("action=") for line in lines for part in line.split() if part.startswith("action=")]
    return {name: names.count(name) for name in names}


def leftovers(stack) -> dict[str, list[str]]:
    users = [one["UserName"] for one in stack.emulator.client("iam").list_users()["Users"]]
    stacks = stack.emulator.client("cloudformation").describe_stacks()["Stacks"]
    return {
        "users": [name for name in users if "BrokerUser" not in name],
        "stacks": [one["StackName"] for one in stacks if one["StackName"].startswith("aws-service-broker-s3-")
                   and one["StackStatus"] != "DELETE_COMPLETE"],
    }  # fmt: skip


def instance_stacks(stack) -> list[str]:
    return leftovers(stack)["stacks"]


@pytest.mark.parametrize("victim", ["broker", "control plane"])
def test_each_program_may_be_killed_at_any_step(own_stack, victim):
    stack = own_stack
    stack.start()
    walkthrough = Walkthrough(stack, show=False)
    stack.kubectl("apply", "-f", str(SAMPLES / "namespace.yaml"))

    # Right after the object was acknowledged.
    stack.kubectl("apply", "-f", str(SAMPLES / "instance.yaml"))
    restart(stack, victim)
    # As soon as the stack appears.
    wait_until("a stack", lambda: instance_stacks(stack), 30)
    restart(stack, victim)
    stack.kubectl("wait", "--for=condition=Ready", "--timeout=60s", *INSTANCE)
    instance = stack.get(*INSTANCE)
    assert walkthrough.stacks_of(instance) == instance_stacks(stack)
    assert len(instance_stacks(stack)) == 1

    stack.kubectl("apply", "-f", str(SAMPLES / "binding.yaml"))
    restart(stack, victim)
    stack.kubectl("wait", "--for=condition=Ready", "--timeout=60s", *BINDING)
    data = stack.get("secret/s3-binding", "-n", NAMESPACE)["data"]
    assert len(data) == 5
    walkthrough.application_with_secrets()

    stack.kubectl("delete", "--wait=false", *BINDING)
    restart(stack, victim)
    stack.kubectl("wait", "--for=delete", "--timeout=60s", *BINDING)
    assert json.loads(stack.kubectl("get", "secrets", "-n", NAMESPACE, "-o", "json"))["items"] == []

    stack.kubectl("delete", "--wait=false", *INSTANCE)
    restart(stack, victim)
    stack.kubectl("wait", "--for=delete", "--timeout=60s", *INSTANCE)
    assert leftovers(stack) == {"users": [], "stacks": []}


@pytest.mark.local  # a real cluster's store is not ours
def test_an_acknowledged_write_survives(own_stack):
    stack = own_stack
    stack.start_control_plane()
    for number in range(20):
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}, "data": {"n": str(number)}}
        stack.kubectl("create", "-f", "-", stdin=json.dumps(manifest))
        if number % 5 == 4:
            restart(stack, "control plane")
    names = stack.kubectl("get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}").split()
    assert set(names) >= {f"c{number}" for number in range(20)}
