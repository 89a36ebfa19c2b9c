"""Brokers that are down, slow, garbled or wrong: the condition says it, other objects go on, and repairing the cause repairs the object."""

import json
import uuid

import pytest
from chandlery_dev.processes import free_port, wait_until
from fake_broker import BINDING, INSTANCE, FakeBroker, catalog
from manifests import manifest


def register(kubectl, url: str, **spec) -> None:
    kubectl("apply", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": url, **spec}))


def condition(kubectl, name: str, kind: str = "Ready") -> dict:
    shown = json.loads(kubectl("get", name, "-o", "json"))
    conditions = {one["type"]: one for one in shown.get("status", {}).get("conditions", [])}
    return conditions.get(kind, {})


def until_condition(kubectl, name: str, reason: str, seconds: float = 30) -> dict:
    def there():
        found = condition(kubectl, name)
        return found if found.get("reason") == reason else None

    return wait_until(f"{name} telling {reason} (now {condition(kubectl, name)})", there, seconds)


def create_instance(kubectl, broker, **spec) -> None:
    body = {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small", **spec}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "instance", body))


def bind(kubectl) -> None:
    kubectl("create", "-f", "-", stdin=manifest("ServiceBinding", "binding", {"instanceRef": {"name": "instance"}}))


def registered(kubectl, broker) -> None:
    register(kubectl, broker.url)
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=20s")


def clean_up(kubectl) -> None:
    kubectl("delete", "servicebinding,serviceinstance", "--all", "--timeout=60s")
    kubectl("delete", "servicebroker", "--all", "--timeout=60s")


def test_a_broker_that_is_down_is_told_and_comes_back(kubectl, broker):
    register(kubectl, f"http://127.0.0.1:{free_port()}")
    told = until_condition(kubectl, "servicebroker/broker", "ErrorFetchingCatalog")
    assert told["status"] == "False"
    assert "refused" in told["message"].lower()
    events = kubectl("get", "events", "--field-selector", "involvedObject.name=broker", "-o", "jsonpath={.items[*].reason}")
    assert "ErrorFetchingCatalog" in events
    register(kubectl, broker.url)
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=20s")
    clean_up(kubectl)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html>hello</html>", ""),
        (200, b"", ""),
        (200, [], ""),
        (200, {"services": "none"}, "services"),
        (200, {"services": [{"name": "x"}]}, "id"),
        (200, b'{"services": [{"id": "\xff"}]}', ""),
        (500, {"description": "the database is on fire"}, "the database is on fire"),
        (401, {"description": "who are you"}, "who are you"),
        (302, b"", ""),
        (200, b"[" * 100_000, ""),
    ],
    ids=["html", "empty", "list", "text", "no id", "no UTF-8", "500", "401", "302", "deep"],
)
def test_a_wrong_catalog_is_told(kubectl, broker, status, body, says):
    broker.answer("GET", "/v2/catalog", status, body)
    register(kubectl, broker.url)
    told = until_condition(kubectl, "servicebroker/broker", "ErrorFetchingCatalog")
    assert told["status"] == "False"
    assert says in told["message"]
    assert "hello" not in kubectl("get", "serviceclasses", "-o", "name")
    broker.answer("GET", "/v2/catalog", 200, catalog(broker.name))
    kubectl("patch", "servicebroker/broker", "--type=merge", "-p", '{"spec":{"relistRequests":1}}')
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=20s")
    clean_up(kubectl)


def test_duplicate_classes_are_told(kubectl, broker):
    broker.answer("GET", "/v2/catalog", 200, {"services": catalog(broker.name)["services"] * 2})
    register(kubectl, broker.url)
    assert until_condition(kubectl, "servicebroker/broker", "ErrorFetchingCatalog")["message"]
    clean_up(kubectl)


def test_a_slow_broker_holds_nobody_else_up(kubectl, broker):
    registered(kubectl, broker)
    broker.answer_late("PUT", INSTANCE, 201, {})
    create_instance(kubectl, broker)
    wait_until("the request being under way", lambda: broker.count("PUT", INSTANCE) == 1, 20)
    other = FakeBroker(f"class-{uuid.uuid4().hex[:8]}")
    try:
        kubectl("apply", "-f", "-", stdin=manifest("ServiceBroker", "other", {"url": other.url}))
        kubectl("wait", "--for=condition=Ready", "servicebroker/other", "--timeout=10s")
        assert condition(kubectl, "serviceinstance/instance").get("status") != "True"
        broker.released.set()
        kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=20s")
        clean_up(kubectl)
    finally:
        other.stop()


def test_a_refused_provision_is_told_and_can_be_deleted(kubectl, broker):
    registered(kubectl, broker)
    broker.answer("PUT", INSTANCE, 400, {"error": "Nope", "description": "the colour is not available"})
    create_instance(kubectl, broker)

    def failure():
        found = condition(kubectl, "serviceinstance/instance", "Failed")
        return found if found.get("status") == "True" else None

    told = wait_until("the failure being told", failure, 30)
    assert "the colour is not available" in told["message"]
    clean_up(kubectl)
    assert broker.count("PUT", INSTANCE) == 1, "a permanent error is not tried again"


def test_a_broken_provision_is_tried_again_until_it_works(kubectl, broker):
    registered(kubectl, broker)
    broker.answer("PUT", INSTANCE, 503, {"description": "back in a minute"})
    create_instance(kubectl, broker)
    wait_until("a try", lambda: broker.count("PUT", INSTANCE) >= 1, 20)
    wait_until("the reason being told", lambda: "back in a minute" in condition(kubectl, "serviceinstance/instance").get("message", ""), 20)
    broker.answer("PUT", INSTANCE, 201, {})
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=60s")
    clean_up(kubectl)
    assert broker.count("DELETE", INSTANCE) >= 1


def test_a_bind_that_is_garbled_leaves_no_secret_and_can_be_repaired(kubectl, broker):
    registered(kubectl, broker)
    create_instance(kubectl, broker)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=20s")
    broker.answer("PUT", BINDING, 400, {"description": "no more users"})
    bind(kubectl)
    wait_until("the failure being told", lambda: "no more users" in json.dumps(json.loads(kubectl("get", "servicebinding/binding", "-o", "json")).get("status", {})), 30)
    assert kubectl("get", "secrets", "-o", "name") == ""
    kubectl("delete", "servicebinding/binding", "--timeout=30s")
    broker.answer("PUT", BINDING, 201, {"credentials": {"user": "u", "number": 7, "nested": {"a": 1}}})
    bind(kubectl)
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=20s")
    data = json.loads(kubectl("get", "secret/binding", "-o", "json"))["data"]
    assert set(data) == {"user", "number", "nested"}
    clean_up(kubectl)


def test_a_foreign_secret_is_not_overwritten(kubectl, broker):
    registered(kubectl, broker)
    create_instance(kubectl, broker)
    kubectl("create", "secret", "generic", "binding", "--from-literal=mine=1")
    bind(kubectl)
    wait_until("the conflict being told", lambda: condition(kubectl, "servicebinding/binding").get("status") == "False" and "binding" in condition(kubectl, "servicebinding/binding")["message"], 30)
    assert kubectl("get", "secret/binding", "-o", "jsonpath={.data}") == '{"mine":"MQ=="}'
    clean_up(kubectl)


def test_a_failed_deprovision_can_be_tried_again(kubectl, broker):
    registered(kubectl, broker)
    create_instance(kubectl, broker)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=20s")
    broker.answer("DELETE", INSTANCE, 500, {"description": "locked from inside"})
    kubectl("delete", "serviceinstance/instance", "--wait=false")
    wait_until("the reason being told", lambda: "locked from inside" in condition(kubectl, "serviceinstance/instance").get("message", ""), 30)
    broker.answer("DELETE", INSTANCE, 410, {})
    kubectl("wait", "--for=delete", "serviceinstance/instance", "--timeout=60s")
    clean_up(kubectl)


def test_an_instance_that_a_failed_update_broke_gets_no_bindings_until_another_repairs_it(kubectl, broker):
    def resize(size: int) -> None:
        kubectl("patch", "serviceinstance/instance", "--type=merge", "-p", json.dumps({"spec": {"parameters": {"size": size}}}))

    registered(kubectl, broker)
    create_instance(kubectl, broker)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=20s")
    broker.answer("PATCH", INSTANCE, 500, {"description": "the disk is full", "instance_usable": False, "update_repeatable": False})
    resize(2)
    kubectl("wait", "--for=condition=Unusable", "serviceinstance/instance", "--timeout=20s")
    assert "the disk is full" in condition(kubectl, "serviceinstance/instance", "Unusable")["message"]
    assert condition(kubectl, "serviceinstance/instance", "Failed")["reason"] == "UpdateNotRepeatable"
    assert kubectl("get", "serviceinstance/instance", "-o", "jsonpath={.status.unrepeatableUpdate}"), "the kind keeps the field"
    bind(kubectl)
    assert "the disk is full" in until_condition(kubectl, "servicebinding/binding", "ErrorInstanceNotReady")["message"]
    assert (broker.count("PATCH", INSTANCE), broker.count("PUT", BINDING)) == (1, 0)
    broker.answer("PATCH", INSTANCE, 200, {})
    resize(3)
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=20s")
    assert condition(kubectl, "serviceinstance/instance", "Unusable") == {}
    clean_up(kubectl)


def test_wrong_credentials_of_a_broker_are_told_without_showing_them(kubectl, broker):
    broker.answer("GET", "/v2/catalog", 401, {"description": "wrong password"})
    kubectl("create", "secret", "generic", "login", "--from-literal=username=u", "--from-literal=password=very-secret-word")
    register(kubectl, broker.url, authInfo={"basic": {"secretRef": {"name": "login"}}})
    told = until_condition(kubectl, "servicebroker/broker", "ErrorFetchingCatalog")
    assert "wrong password" in told["message"]
    assert "very-secret-word" not in json.dumps(told)
    register(kubectl, broker.url, authInfo={"basic": {"secretRef": {"name": "nothing"}}})
    assert "nothing" in until_condition(kubectl, "servicebroker/broker", "ErrorGettingAuthCredentials")["message"]
    clean_up(kubectl)
