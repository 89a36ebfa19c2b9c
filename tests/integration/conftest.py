"""The broker, as a program of its own, against the emulator."""

import contextlib
import functools
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from chandlery_dev.emulator import Emulator
from chandlery_dev.processes import Process, free_port, wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cloudformation_recorder import CloudFormationRecorder
from instances_in_vpc import Instances, Network
from osb_client import OsbClient, new_id
from template_bucket import Bucket

# Where what the brokers have called of AWS is noted, a file for each broker: tests/least_privilege compares it with the policies in deploy/.
CALLS = os.environ.get("CHANDLERY_AWS_CALLS")
SANITIZER_REPORT = re.compile(r"^.*(ERROR: (Address|Leak)Sanitizer|runtime error:)", re.M)
USER, PASSWORD = "broker", "a-password-of-the-tests"


class Broker:
    """aws-servicebroker over plain HTTP with basic authentication."""

    def __init__(self, program: Path, folder: Path, environment: dict, *flags: str):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.client = OsbClient(self.url, USER, PASSWORD)
        command = [str(program), "--address", "127.0.0.1", "--port", str(self.port), "--insecure", "--enable-basic-auth"]
        if "--data-dir" not in flags:
            command += ["--data-dir", str(folder / "broker")]
        environment = {**environment, "SECURITY_USER_NAME": USER, "SECURITY_USER_PASSWORD": PASSWORD}
        self.process = Process("aws-servicebroker", [*command, *flags], folder / f"broker-{self.port}.log", environment)

    def start(self) -> "Broker":
        self.process.start()
        wait_until("the broker being ready", self._is_ready, 20)
        return self

    def restart_after_kill(self) -> None:
        self.process.kill()
        self.start()

    def start_again(self) -> None:
        """After someone else has killed it, or is about to."""
        wait_until("the broker's end", lambda: not self.process.is_running(), 20)
        self.start()

    def stop(self) -> None:
        note_calls(self)
        self.process.stop()
        report = SANITIZER_REPORT.search(self.process.output())
        assert not report, self.process.output()[report.start() :]

    def _is_ready(self) -> bool:
        self.process.check()
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
            return answer.status == 200


def note_calls(broker: Broker) -> None:
    """As its metrics tell them; a broker that was killed is not asked."""
    if CALLS is None or not broker.process.is_running():
        return
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{broker.url}/metrics", timeout=5) as answer:
        calls = [line for line in answer.read().decode().splitlines() if line.startswith("aws_sb_aws_calls_total{")]
        (Path(CALLS) / f"{new_id()}.txt").write_text("\n".join(calls))


@pytest.fixture(scope="session")
def strict_emulator(tmp_path_factory):
    """One that knows who may do what."""
    emulator = Emulator(tmp_path_factory.mktemp("strict-emulator"), checks_access=True)
    yield emulator.start()
    emulator.stop()


@pytest.fixture
def make_broker(bin_dir, emulator, tmp_path):
    """Starts brokers with given flags; each ends with the test."""
    brokers: list[Broker] = []

    def make(*flags: str, environment: dict | None = None) -> Broker:
        folder = tmp_path / f"b{len(brokers)}"
        folder.mkdir()
        broker = Broker(bin_dir / "aws-servicebroker", folder, {**emulator.environment(), **(environment or {})}, *flags)
        brokers.append(broker)
        return broker.start()

    yield make
    for broker in brokers:
        broker.stop()


@pytest.fixture
def run_broker(bin_dir, emulator, tmp_path):
    """Runs the program to its end, which is near where something is wrong."""

    def run(*flags: str, command: str = "", environment: dict | None = None) -> subprocess.CompletedProcess:
        port = [] if "--port" in flags else ["--port", str(free_port())]
        whole = [str(bin_dir / "aws-servicebroker"), *([command] if command else []), "--data-dir", str(tmp_path / "data"), *port, *flags]
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **emulator.environment(), **(environment or {})}
        return subprocess.run(whole, env=env, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture(scope="module")
def shared_broker(bin_dir, emulator, tmp_path_factory):
    """One for all tests of a module that only talk to it."""
    broker = Broker(bin_dir / "aws-servicebroker", tmp_path_factory.mktemp("broker"), emulator.environment())
    yield broker.start()
    broker.stop()


@pytest.fixture
def osb(shared_broker) -> OsbClient:
    return shared_broker.client


@pytest.fixture(scope="module")
def recorder():
    """What stands in for CloudFormation where the request itself is looked at."""
    recorder = CloudFormationRecorder()
    yield recorder
    recorder.stop()


@pytest.fixture(scope="module")
def recorded_osb(bin_dir, emulator, recorder, tmp_path_factory):
    """A client of a broker that talks to the recorder."""
    environment = {**emulator.environment(), **recorder.environment()}
    broker = Broker(bin_dir / "aws-servicebroker", tmp_path_factory.mktemp("recorded"), environment)
    yield broker.start().client
    broker.stop()


class Account:
    """What there is in the emulated account."""

    def __init__(self, emulator):
        self._client = functools.cache(emulator.client)

    def stacks(self, instance: str) -> list[str]:
        stacks = self._client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackName"] for one in stacks if instance in one["StackName"] and one["StackStatus"] != "DELETE_COMPLETE"]

    def stack_parameters(self, instance: str) -> dict[str, str]:
        (name,) = self.stacks(instance)
        (stack,) = self._client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}

    def users(self) -> set[str]:
        return {one["UserName"] for one in self._client("iam").list_users()["Users"]}

    def binding_users(self, binding: str) -> list[str]:
        return [user for user in self.users() if binding in user]

    def keys(self, user: str) -> list[str]:
        return [one["AccessKeyId"] for one in self._client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]]

    def buckets(self) -> set[str]:
        return {one["Name"] for one in self._client("s3").list_buckets()["Buckets"]}

    def records(self, store: str) -> list[str]:
        """The ids of instances and bindings in a store, "sqlite:PATH" or "dynamodb:TABLE"; an SQLite file's broker must have ended."""
        kind, _, place = store.partition(":")
        if kind == "sqlite":
            with contextlib.closing(sqlite3.connect(place)) as database:
                return [id_ for (id_,) in database.execute("SELECT id FROM records WHERE kind IN ('instance', 'binding')")]
        items = self._client("dynamodb").scan(TableName=place)["Items"]
        return [item["id"]["S"] for item in items if item["type"]["S"] in ("serviceinstance", "servicebinding")]


@pytest.fixture(scope="session")
def account(emulator) -> Account:
    return Account(emulator)


@pytest.fixture
def table(emulator) -> Iterator[str]:
    """A table of the form that the Go broker's users have."""
    dynamodb, name = emulator.client("dynamodb"), f"state-{new_id()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "userid", "type")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "type-userid-index",
                "KeySchema": [{"AttributeName": "type", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["id", "userid", "type"]},
            }
        ],
    )
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def bucket(emulator) -> Bucket:
    return Bucket(emulator)


@pytest.fixture
def network(emulator):
    return Network(emulator, "10.77.0.0/25")


@pytest.fixture
def instances(osb, account, emulator):
    instances = Instances(osb, account, emulator)
    yield instances
    instances.remove_all()
