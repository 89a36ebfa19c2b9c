"""A fault at every AWS call of an instance's whole life: the broker is killed before or after it, its answer is lost, AWS throttles.

The platform repeats what got no answer. Whatever happened, there is one stack, one user and one key while they live, and nothing after.
"""

import os
import signal
from collections.abc import Callable, Iterator
from http.client import HTTPException

import pytest
from aws_proxy import AwsProxy, Fault, Point, killing, lost, throttled
from chandlery_dev.processes import REPOSITORY
from osb_client import Answer, new_id
from template_bucket import SENT, long_queue

QUEUE = {"service": "queue", "plan": "standard"}
TEMPLATES = REPOSITORY / "tests/data/templates"
PHASES = ["provision", "creation", "update", "change", "bind", "fetch", "unbind", "deprovision", "deletion"]
STORES = ["sqlite", "dynamodb"]
# A poll asks for the progress only where it comes before the stack is complete.
SOMETIMES = {"cloudformation.DescribeStackResources"}


@pytest.fixture
def proxy(emulator) -> Iterator[AwsProxy]:
    proxy = AwsProxy(emulator.url)
    yield proxy
    proxy.stop()


@pytest.fixture
def platform(make_broker, proxy, account, tmp_path, request) -> Iterator["Platform"]:
    store = f"sqlite:{tmp_path}/state.db" if request.param == "sqlite" else f"dynamodb:{request.getfixturevalue('table')}"
    broker = make_broker("--template-folder", str(TEMPLATES), "--store", store, environment={"AWS_ENDPOINT_URL": proxy.url})
    yield Platform(broker, proxy, account)
    broker.stop()
    assert account.records(store) == []


@pytest.fixture
def long_template_platform(make_broker, proxy, account, bucket, tmp_path) -> Iterator["Platform"]:
    """Of a class whose template goes by the bucket, in which it is not before a life begins."""
    bucket.put("queue-main.yaml", long_queue().encode())
    store = f"sqlite:{tmp_path}/state.db"
    broker = make_broker("--s3Bucket", bucket.name, "--store", store, environment={"AWS_ENDPOINT_URL": proxy.url})
    yield Platform(broker, proxy, account, bucket.remove_sent)
    broker.stop()
    assert account.records(store) == []


class Platform:
    """Leads instances through their lives; sends again what got no answer or 5xx."""

    def __init__(self, broker, proxy: AwsProxy, account, before_each_life: Callable[[], None] = lambda: None):
        self._before_each_life = before_each_life
        self.broker = broker
        self.proxy = proxy
        self._account = account

    def kill_broker(self) -> None:
        os.kill(self.broker.process.pid, signal.SIGKILL)

    def live(self) -> None:
        self._before_each_life()
        instance, binding = new_id(), new_id()
        osb = self.broker.client
        self._send("provision", lambda: osb.provision(instance, **QUEUE), {200, 202})
        self._settle("creation", instance)
        assert len(self._account.stacks(instance)) == 1
        assert self._send("creation", lambda: osb.provision(instance, **QUEUE), {200})

        changed = {"DelaySeconds": "7"}
        self._send("update", lambda: osb.update(instance, parameters=changed, **QUEUE), {200, 202})
        self._settle("change", instance)
        assert self._send("change", lambda: osb.fetch_instance(instance), {200}).body["parameters"] == changed
        assert self._account.stack_parameters(instance) == changed

        bound = self._send("bind", lambda: osb.bind(instance, binding, **QUEUE), {200, 201})
        (user,) = self._account.binding_users(binding)
        assert self._account.keys(user) == [bound.body["credentials"]["QUEUE_AWS_ACCESS_KEY_ID"]]
        fetched = self._send("fetch", lambda: osb.fetch_binding(instance, binding), {200})
        assert fetched.body["credentials"] == bound.body["credentials"]
        self._send("unbind", lambda: osb.unbind(instance, binding, **QUEUE), {200, 410})
        assert self._account.binding_users(binding) == []

        self._send("deprovision", lambda: osb.deprovision(instance, **QUEUE), {202, 410})
        self._settle("deletion", instance)
        assert self._account.stacks(instance) == []
        assert not [user for user in self._account.users() if instance in user]
        assert self._send("after", lambda: osb.fetch_instance(instance), {404})
        assert self._send("after", lambda: osb.unbind(instance, binding, **QUEUE), {410})
        assert self._send("after", lambda: osb.deprovision(instance, **QUEUE), {410})

    def _settle(self, phase: str, instance: str) -> None:
        """Polls until the operation has ended well; a deletion's end may be told by 410."""
        while True:
            polled = self._send(phase, lambda: self.broker.client.last_operation(instance), {200, 410})
            if polled.status == 410 or polled.body["state"] != "in progress":
                break
        assert polled.body.get("state") == "succeeded" or (phase == "deletion" and polled.status == 410), polled

    def _send(self, phase: str, request: Callable[[], Answer], good: set[int]) -> Answer:
        self.proxy.phase = phase
        for _ in range(5):
            try:
                answer = request()
            except (OSError, HTTPException):
                self.broker.start_again()
                continue
            # A platform sends the same again after either; the first kind it must not clean up after.
            if answer.status < 500 and answer.body.get("error") != "ConcurrencyError":
                assert answer.status in good, answer
                return answer
            assert answer.body["description"]
        raise AssertionError(f"{phase}: the broker does not recover: {answer}")

    def points(self) -> list[Point]:
        """The calls of a life without faults. Polls repeat themselves: of each call the first one counts."""
        self.live()  # what a broker does once, at its start or for its first instance, is done
        self.proxy.meet(None)
        self.live()
        polling = {"creation", "change", "deletion"}
        points = [point for point in self.proxy.calls if point.phase in PHASES and (point.phase not in polling or point.number == 1)]
        assert {point.phase for point in points} >= {"provision", "update", "bind", "unbind", "deprovision"}
        return points

    def live_with(self, points: list[Point], *faults: Fault) -> None:
        """A life for each point; tells of all that went wrong at once."""
        failures = []
        for point in points:
            self.proxy.meet(point, *faults)
            try:
                self.live()
                if not self.proxy.met and point.name not in SOMETIMES:
                    failures.append(f"{point}: was not reached")
            except (AssertionError, ValueError) as error:
                failures.append(f"{point}: {error}")
        assert not failures, "\n".join(failures)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("platform", STORES, indirect=True)
def test_a_broker_killed_at_any_call_leaves_one_of_everything_and_then_nothing(platform, phase):
    points = [point for point in platform.points() if point.phase == phase]
    for when in ("before", "after"):
        platform.live_with(points, killing(platform.kill_broker, when))


FAULTS = {
    "AWS throttles until the broker gives up": [throttled] * 3,
    "every answer is lost": [lost] * 3,
    "an answer is lost and then AWS throttles": [lost, throttled, throttled],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("platform", ["sqlite"], indirect=True)
def test_a_fault_at_any_call_is_never_the_platforms_error_and_leaves_nothing(platform, faults):
    platform.live_with(platform.points(), *faults)


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("platform", ["dynamodb"], indirect=True)
def test_a_fault_at_any_call_of_the_table_is_none_either(platform, faults):
    platform.live_with([point for point in platform.points() if point.name.startswith("dynamodb.")], *faults)


@pytest.mark.parametrize("faults", [*FAULTS, "the broker is killed before", "the broker is killed after"])
def test_a_fault_at_any_call_of_the_bucket_is_none_either(long_template_platform, faults):
    platform = long_template_platform
    points = [point for point in platform.points() if point.name.startswith("s3.") and SENT in point.name]
    assert {point.name.split()[0] for point in points} == {"s3.GET", "s3.PUT"}
    assert {point.phase for point in points} == {"provision"}
    platform.live_with(points, *FAULTS.get(faults, [killing(platform.kill_broker, faults.split()[-1])]))
