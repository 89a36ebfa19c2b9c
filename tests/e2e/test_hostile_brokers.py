"""Brokers that send what no broker should: it is told on their objects within the deadline, and every other object goes on."""

import itertools
import json
import sys
import time
import uuid
from pathlib import Path

import pytest
from chandlery_dev.processes import wait_until
from chandlery_dev.stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_broker import BINDING, INSTANCE, FakeBroker, catalog

API = "servicecatalog.k8s.io/v1beta1"
DEADLINE = 2  # seconds that a broker has for an answer
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A control plane that does not wait for a minute, with a broker that works."""
    stack = Stack(tmp_path_factory.mktemp("hostile"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OSB_API_REQUEST_TIMEOUT", f"{DEADLINE}s")
        stack.start_control_plane()
    yield stack
    stack.stop()


@pytest.fixture
def broker(stack):
    broker = FakeBroker(f"class-{uuid.uuid4().hex[:8]}")
    yield broker
    stack.kubectl("delete", "servicebinding,serviceinstance", "--all", "-n", "default", "--timeout=60s")
    stack.kubectl("delete", "servicebroker", "--all", "-n", "default", "--timeout=60s")
    broker.stop()


@pytest.fixture
def good_broker(stack):
    """Another one, whose objects go on meanwhile."""
    broker = FakeBroker(f"good-{uuid.uuid4().hex[:8]}")
    yield broker
    broker.stop()


def create(stack, kind: str, name: str, spec: dict) -> None:
    manifest = {"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec}
    stack.kubectl("create", "-f", "-", stdin=json.dumps(manifest))


def create_instance(stack, broker, name: str = "instance") -> None:
    create(stack, "ServiceInstance", name, {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"})


def status(stack, name: str) -> dict:
    return json.loads(stack.kubectl("get", name, "-n", "default", "-o", "json")).get("status", {})


def conditions(stack, name: str) -> dict:
    return {one["type"]: one for one in status(stack, name).get("conditions", [])}


def wait_for_ready(stack, name: str) -> None:
    stack.kubectl("wait", "--for=condition=Ready", name, "-n", "default", "--timeout=30s")


def told(stack, name: str, says: str, seconds: float = 30) -> dict:
    def there():
        found = conditions(stack, name).get("Ready", {})
        return found if found.get("status") != "True" and says in found.get("message", "") else None

    return wait_until(f"{name} telling {says!r} (now {conditions(stack, name)})", there, seconds)


def slowly():
    """A byte a second, of a catalog that is never complete."""
    yield b'{"services": ['
    for _ in range(60):
        time.sleep(1)
        yield b" "


def with_plans(name: str, number: int) -> dict:
    plans = [{"id": f"{name}-{i}", "name": f"plan-{i}", "description": "A plan. " * 8} for i in range(number)]
    return catalog(name, plans=plans)


def twice(name: str, field: str) -> dict:
    plans = [{"id": f"{name}-{i}", "name": f"plan-{i}", "description": "A plan"} for i in range(2)]
    plans[1][field] = plans[0][field]
    return catalog(name, plans=plans)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda _: itertools.repeat(b" " * 65536), "larger than"),
        (lambda _: slowly(), f"{DEADLINE}s"),
        (lambda name: with_plans(name, 60_000), "more than 10000 plans"),
        (lambda name: catalog(name, description="x" * 10 * MEGABYTE), "limit"),
        (lambda name: catalog(name, metadata={"picture": "x" * 10 * MEGABYTE}), "limit"),
        (lambda name: catalog("n" * 5000), "more than 1024"),
        (lambda name: catalog(name, id="i" * 5000), "more than 1024"),
        (lambda name: twice(name, "id"), "twice"),
        (lambda name: twice(name, "name"), "two plans named"),
        (lambda name: json.dumps(catalog(name)).replace("A class", "\udcff").encode("utf-8", "surrogateescape"), ""),
        (lambda name: b'{"services": [' + b'{"a":' * 500, ""),
    ],
    ids=["endless", "a byte a second", "60,000 plans", "10 MB of description", "10 MB of metadata", "long name", "long id",
         "ids twice", "names twice", "no UTF-8", "deep and cut off"],
)  # fmt: skip
def test_a_hostile_catalog_is_told_in_time_while_others_go_on(stack, broker, good_broker, answer, says):
    made = answer(broker.name)
    if isinstance(made, dict | bytes):
        broker.answer("GET", "/v2/catalog", 200, made)
    else:
        broker.answer_in_pieces("GET", "/v2/catalog", 200, lambda: answer(broker.name))
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    create(stack, "ServiceBroker", "good", {"url": good_broker.url})
    wait_for_ready(stack, "servicebroker/good")
    create_instance(stack, good_broker)
    wait_for_ready(stack, "serviceinstance/instance")
    found = told(stack, "servicebroker/hostile", says, DEADLINE + 10)
    assert found["reason"] in ("ErrorFetchingCatalog", "ErrorSyncingCatalog")
    assert len(found["message"]) < 4096


def test_a_class_that_cannot_be_stored_holds_up_no_other_of_its_broker(stack, broker):
    (good,) = catalog(broker.name)["services"]
    (large,) = catalog(broker.name + "-large", description="x" * 5 * MEGABYTE)["services"]
    broker.answer("GET", "/v2/catalog", 200, {"services": [large, good]})
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    told(stack, "servicebroker/hostile", "limit")
    create_instance(stack, broker)
    wait_for_ready(stack, "serviceinstance/instance")


def test_a_redirect_is_not_followed(stack, broker, good_broker):
    broker.headers["Location"] = good_broker.url + "/v2/catalog"
    broker.answer("GET", "/v2/catalog", 302, {})
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    told(stack, "servicebroker/hostile", "302")
    assert good_broker.requests == []


@pytest.mark.parametrize("name", ["UPPER case", "ünïcode 名前", "a/../b?c#d", "x" * 300, "-leading", "tab\there"])
def test_strange_names_and_ids_work_or_are_told(stack, broker, name):
    broker.answer("GET", "/v2/catalog", 200, catalog(name, id=f"{name}-{uuid.uuid4()}"))
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    wait_until("an outcome", lambda: conditions(stack, "servicebroker/hostile").get("Ready"), 20)
    if conditions(stack, "servicebroker/hostile")["Ready"]["status"] == "True":
        create(stack, "ServiceInstance", "instance", {"serviceClassExternalName": name, "servicePlanExternalName": "small"})
        wait_for_ready(stack, "serviceinstance/instance")


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("PUT", INSTANCE, (500, {"description": "x" * 10 * MEGABYTE})),
        ("PUT", INSTANCE, (202, {"operation": "x" * 20_000})),
        ("PUT", INSTANCE, (201, {"dashboard_url": "x" * 5 * MEGABYTE})),
        ("PUT", INSTANCE, (400, {"error": "E" * MEGABYTE, "description": "\u0000\u001b[31m" * 10})),
        ("GET", INSTANCE + "/last_operation", (200, {"state": "failed", "description": "y" * 10 * MEGABYTE})),
        ("GET", INSTANCE + "/last_operation", (200, {"state": "in progress", "description": "y" * 10 * MEGABYTE})),
    ],
    ids=["book for a 500", "long operation", "long dashboard", "control characters", "book for a failure", "book for progress"],
)
def test_a_hostile_answer_about_an_instance_leaves_it_deletable(stack, broker, method, path, answer):
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    wait_for_ready(stack, "servicebroker/hostile")
    if method == "GET":
        broker.answer("PUT", INSTANCE, 202, {})
    broker.answer(method, path, *answer)
    create_instance(stack, broker)
    wait_until("an outcome", lambda: conditions(stack, "serviceinstance/instance").get("Ready"), 20)
    wait_until("the answer having been given", lambda: broker.count(method, path) >= 1, 20)
    assert len(json.dumps(status(stack, "serviceinstance/instance"))) < 50_000
    stack.kubectl("delete", "serviceinstance/instance", "-n", "default", "--timeout=30s")


@pytest.mark.parametrize(
    "credentials",
    [{"password": "x" * 5 * MEGABYTE}, {"a b/c": "1"}, {"": "1"}, {f"key-{i}": "v" * 40 for i in range(60_000)}],
    ids=["5 MB", "no key of a Secret", "no name", "60,000 keys"],
)
def test_credentials_that_no_secret_can_hold_are_told_and_can_be_given_up(stack, broker, credentials):
    create(stack, "ServiceBroker", "hostile", {"url": broker.url})
    wait_for_ready(stack, "servicebroker/hostile")
    create_instance(stack, broker)
    wait_for_ready(stack, "serviceinstance/instance")
    broker.answer("PUT", BINDING, 201, {"credentials": credentials})
    create(stack, "ServiceBinding", "binding", {"instanceRef": {"name": "instance"}})
    told(stack, "servicebinding/binding", "")
    assert stack.kubectl("get", "secret/binding", "-n", "default", "--ignore-not-found") == ""
    stack.kubectl("delete", "servicebinding/binding", "-n", "default", "--timeout=30s")
    assert broker.count("DELETE", BINDING) >= 1
