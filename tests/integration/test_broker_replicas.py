"""Three brokers on one DynamoDB table, as a Deployment of three replicas: requests go to any of them, several at once, and one is killed."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest
from aws_proxy import AwsProxy, Point, killing
from chandlery_dev.processes import REPOSITORY, wait_until
from osb_client import Answer, OsbClient, new_id

QUEUE = {"service": "queue", "plan": "standard"}


class Replicas:
    """Each request goes to the next replica, over a connection of its own."""

    def __init__(self, brokers: list):
        self.brokers = brokers
        self._turns = cycle(brokers)

    @property
    def client(self) -> OsbClient:
        broker = next(self._turns)
        client = OsbClient(broker.url)
        client.headers |= broker.client.headers
        return client

    def at_once(self, times: int, request) -> list[Answer]:
        """The same request by several threads, each to the next replica."""
        clients = [self.client for _ in range(times)]
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(request, clients))

    def settled(self, instance: str) -> Answer:
        def ended():
            answer = self.client.last_operation(instance)
            return answer if answer.body.get("state") != "in progress" else None

        return wait_until(f"the operation on {instance}", ended, 60)


@pytest.fixture
def start_replica(make_broker, table, tmp_path):
    def start(**environment: str):
        key = tmp_path / "sealing.key"
        key.write_bytes(bytes(range(32)))
        key.chmod(0o600)
        flags = ("--store", f"dynamodb:{table}", "--encryption-key-file", str(key), "--template-folder", str(REPOSITORY / "tests/data/templates"))
        return make_broker(*flags, environment=environment)

    return start


@pytest.fixture
def replicas(start_replica, account, table):
    yield Replicas([start_replica() for _ in range(3)])
    assert account.records(f"dynamodb:{table}") == []


def is_accepted(answer: Answer, *good: int) -> bool:
    """Or is told to come again: never an error of the user's, never a crash."""
    return answer.status in good or answer.body.get("error") == "ConcurrencyError"


def test_the_same_requests_at_once_make_one_of_everything_and_leave_nothing(replicas, account):
    instance, binding = new_id(), new_id()
    for answer in replicas.at_once(6, lambda osb: osb.provision(instance, **QUEUE)):
        assert is_accepted(answer, 202, 200), answer
    assert replicas.settled(instance).body["state"] == "succeeded"
    assert len(account.stacks(instance)) == 1

    for answer in replicas.at_once(6, lambda osb: osb.bind(instance, binding, **QUEUE)):
        assert is_accepted(answer, 200, 201), answer
    bound = replicas.client.bind(instance, binding, **QUEUE)
    (user,) = account.binding_users(binding)
    assert account.keys(user) == [bound.body["credentials"]["QUEUE_AWS_ACCESS_KEY_ID"]]
    assert replicas.client.bind(instance, binding, **QUEUE).body == bound.body, "whichever replica is asked"

    for answer in replicas.at_once(6, lambda osb: osb.unbind(instance, binding, **QUEUE)):
        assert is_accepted(answer, 200, 410), answer
    assert account.binding_users(binding) == []
    for answer in replicas.at_once(6, lambda osb: osb.deprovision(instance, **QUEUE)):
        assert is_accepted(answer, 202, 410), answer
    replicas.settled(instance)
    assert account.stacks(instance) == []


def test_instances_of_many_users_at_once_keep_apart(replicas, account):
    instances = [new_id() for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        clients = [replicas.client for _ in instances]
        for answer in pool.map(lambda osb, instance: osb.provision(instance, **QUEUE), clients, instances):
            assert answer.status == 202
        for instance in instances:
            assert replicas.settled(instance).body["state"] == "succeeded"
        bindings = [new_id() for _ in instances]
        bound = pool.map(lambda osb, instance, binding: osb.bind(instance, binding, **QUEUE), clients, instances, bindings)
        assert len({answer.body["credentials"]["QUEUE_AWS_ACCESS_KEY_ID"] for answer in bound}) == len(instances)
        # A deprovision takes what the platform forgot to unbind with it.
        list(pool.map(lambda osb, instance: osb.deprovision(instance, **QUEUE), clients, instances))
    for instance, binding in zip(instances, bindings, strict=True):
        replicas.settled(instance)
        assert account.stacks(instance) == []
        assert account.binding_users(binding) == []


def test_another_replica_takes_over_what_a_killed_one_had_begun(replicas, account, emulator, start_replica):
    proxy = AwsProxy(emulator.url)
    victim = start_replica(AWS_ENDPOINT_URL=proxy.url)
    instance, binding = new_id(), new_id()
    try:
        proxy.meet(Point("", "cloudformation.CreateStack"), killing(victim.process.kill, "after"))
        with pytest.raises(OSError):
            victim.client.provision(instance, **QUEUE)
    finally:
        proxy.stop()
    assert replicas.client.provision(instance, **QUEUE).status in (200, 202)
    assert replicas.settled(instance).body["state"] == "succeeded"
    assert len(account.stacks(instance)) == 1
    assert replicas.client.bind(instance, binding, **QUEUE).status == 201
    # Replicas that start look through all records while the others work on them.
    with ThreadPoolExecutor(3) as pool:
        unbound = pool.submit(replicas.client.unbind, instance, binding, **QUEUE)
        deleted = pool.submit(replicas.client.deprovision, instance, **QUEUE)
        start_replica()
        assert is_accepted(unbound.result(), 200, 410)
        assert is_accepted(deleted.result(), 202)
    replicas.client.deprovision(instance, **QUEUE)
    replicas.settled(instance)
    assert account.stacks(instance) == []
    assert account.binding_users(binding) == []
