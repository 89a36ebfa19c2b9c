"""`make run` ended in the middle of what it was doing: the next one goes on with it, the emulator's stacks included."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from chandlery_dev.emulator import REGION
from chandlery_dev.processes import wait_until
from chandlery_dev.supervise import descendants_of
from chandlery_dev.walkthrough import NAMESPACE, SAMPLES
from run import Run

pytestmark = pytest.mark.local
INSTANCE = ("-n", NAMESPACE, "serviceinstance/s3-bucket")
BINDING = ("-n", NAMESPACE, "servicebinding/s3-binding")


def interrupt(run: Run) -> None:
    assert run.stop(signal.SIGINT) == 0


def terminate(run: Run) -> None:
    assert run.stop(signal.SIGTERM) == 0


def kill_it(run: Run) -> None:
    run.stop(signal.SIGKILL)


def kill_everything(run: Run) -> None:
    """The started first, so that none of them has the time to end in peace."""
    everything = descendants_of(run.process.pid)
    os.kill(run.process.pid, signal.SIGSTOP)
    for pid in [*reversed(everything), run.process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    run.process.wait(20)


class SetUp:
    """`make run` on one folder, again and again."""

    def __init__(self, start: Callable[..., Run], folder: Path, end: Callable[[Run], None]):
        self._start, self._folder, self._end = start, folder, end
        self.up()

    def up(self) -> None:
        self._run = self._start("run", "--data-dir", self._folder)
        wait_until("its being up", self._run.is_up, 90)
        self.exports = self._run.exports()

    def interrupted(self) -> None:
        """Ended, and started again at once."""
        self._end(self._run)
        self.up()

    def kubectl(self, *arguments: str) -> str:
        return subprocess.run(
            ["kubectl", "--kubeconfig", str(self._folder / "kubeconfig"), *arguments], capture_output=True, text=True, timeout=150, check=True
        ).stdout

    def client(self, service: str):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.exports["AWS_ENDPOINT_URL"], region_name=REGION, **keys)

    def stacks(self) -> list[str]:
        """The states of the instances' stacks that are there."""
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackStatus"] for one in stacks if "prerequisites" not in one["StackName"] and one["StackStatus"] != "DELETE_COMPLETE"]

    def left(self) -> dict[str, list]:
        users = [one["UserName"] for one in self.client("iam").list_users()["Users"] if "BrokerUser" not in one["UserName"]]
        roles = [one["RoleName"] for one in self.client("iam").list_roles()["Roles"] if "aws-service-broker-s3" in one["RoleName"]]
        functions = [one["FunctionName"] for one in self.client("lambda").list_functions()["Functions"]]
        parameters = [one["Name"] for one in self.client("ssm").describe_parameters()["Parameters"] if one["Name"].startswith("/asb/aws-")]
        buckets = [one["Name"] for one in self.client("s3").list_buckets()["Buckets"]]
        records = [one for one in self.client("dynamodb").scan(TableName="awssb")["Items"] if "instance" in str(one.get("id")) + str(one.get("pk"))]
        found = {"stacks": self.stacks(), "users": users, "roles": roles, "functions": functions, "parameters": parameters, "buckets": buckets}
        return {name: each for name, each in {**found, "records": records}.items() if each}


@pytest.mark.parametrize("end", [interrupt, terminate, kill_it, kill_everything])
def test_what_was_in_progress_goes_on_after_the_next_start(start, tmp_path, end):
    it = SetUp(start, tmp_path / "data", end)
    it.kubectl("apply", "-f", str(SAMPLES / "namespace.yaml"), "-f", str(SAMPLES / "instance.yaml"))
    wait_until("its stack being made", lambda: it.stacks() == ["CREATE_IN_PROGRESS"], 30, interval=0.02)
    it.interrupted()
    it.kubectl("wait", "--for=condition=Ready", "--timeout=90s", *INSTANCE)
    assert it.stacks() == ["CREATE_COMPLETE"]

    it.kubectl("apply", "-f", str(SAMPLES / "binding.yaml"))
    it.interrupted()
    it.kubectl("wait", "--for=condition=Ready", "--timeout=60s", *BINDING)
    secret = json.loads(it.kubectl("get", "secret/s3-binding", "-n", NAMESPACE, "-o", "json"))
    assert len(secret["data"]) == 5
    assert len(it.client("s3").list_buckets()["Buckets"]) == 1

    it.kubectl("patch", *INSTANCE, "--type=merge", "-p", '{"spec":{"parameters":{"EnableVersioning":"True"}}}')
    it.interrupted()
    ready = "jsonpath={.status.reconciledGeneration} {.status.conditions[?(@.type=='Ready')].status}"
    wait_until("its update", lambda: it.kubectl("get", *INSTANCE, "-o", ready) == "2 True", 90)
    (bucket,) = it.client("s3").list_buckets()["Buckets"]
    assert it.client("s3").get_bucket_versioning(Bucket=bucket["Name"])["Status"] == "Enabled"

    it.kubectl("delete", "--wait=false", *BINDING)
    it.interrupted()
    it.kubectl("wait", "--for=delete", "--timeout=60s", *BINDING)

    it.kubectl("delete", "--wait=false", *INSTANCE)
    wait_until("its stack going", lambda: it.stacks() in (["DELETE_IN_PROGRESS"], []), 30, interval=0.02)
    it.interrupted()
    it.kubectl("wait", "--for=delete", "--timeout=90s", *INSTANCE)
    assert it.left() == {}
