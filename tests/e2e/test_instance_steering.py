"""What users can do with an instance beyond its spec: see how far it is, pause, protect, keep, adopt and give up."""

import json
import sys
import uuid
from pathlib import Path

import pytest
from chandlery_dev.processes import wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_broker import BINDING, INSTANCE, FakeBroker, catalog

API = "servicecatalog.k8s.io/v1beta1"
OPERATION = INSTANCE + "/last_operation"


@pytest.fixture
def broker():
    broker = FakeBroker(f"class-{uuid.uuid4().hex[:8]}")
    broker.answer("GET", "/v2/catalog", 200, catalog(broker.name, instances_retrievable=True))
    broker.answer("PATCH", INSTANCE, 200, {})
    yield broker
    broker.stop()


@pytest.fixture
def kubectl(control_plane, broker, namespace):  # the namespace goes before the broker does
    def run(*arguments, **options):
        return control_plane.kubectl("-n", namespace, *arguments, **options)

    apply(run, "ServiceBroker", "broker", {"url": broker.url})
    run("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=20s")
    yield run
    run("delete", "servicebinding,serviceinstance", "--all", "--timeout=60s")  # while their broker is there


def apply(kubectl, kind: str, name: str, spec: dict, annotations: dict | None = None) -> None:
    metadata = {"name": name, "annotations": {f"servicecatalog.k8s.io/{key}": value for key, value in (annotations or {}).items()}}
    kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec}))


def create_instance(kubectl, broker, annotations: dict | None = None, **spec) -> None:
    apply(kubectl, "ServiceInstance", "instance", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small", **spec}, annotations)


def ready_instance(kubectl, broker, annotations: dict | None = None, **spec) -> None:
    create_instance(kubectl, broker, annotations, **spec)
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=20s")


def annotate(kubectl, key: str, value: str = "true") -> None:
    kubectl("annotate", "--overwrite", "serviceinstance/instance", f"servicecatalog.k8s.io/{key}={value}")


def until_gone(kubectl) -> None:
    kubectl("wait", "--for=delete", "serviceinstance/instance", "--timeout=30s")


def status(kubectl) -> dict:
    return json.loads(kubectl("get", "serviceinstance/instance", "-o", "json")).get("status", {})


def until_told(kubectl, words: str) -> None:
    wait_until(f"the instance telling {words!r}", lambda: words in json.dumps(status(kubectl).get("conditions", [])), 30)


def until_event(kubectl, reason: str) -> str:
    def messages():
        events = json.loads(kubectl("get", "events", "-o", "json"))["items"]
        return [event["message"] for event in events if event["reason"] == reason]

    return wait_until(f"an event {reason}", messages, 20)[0]


def test_the_status_column_tells_how_far_an_operation_is(kubectl, broker):
    broker.answer("PUT", INSTANCE, 202, {"operation": "make"})
    broker.answer("GET", OPERATION, 200, {"state": "in progress", "description": "3 of 7 resources created"})
    create_instance(kubectl, broker)
    wait_until("the progress", lambda: "Provisioning (3 of 7 resources created)" in kubectl("get", "serviceinstance"), 30)
    broker.answer("GET", OPERATION, 200, {"state": "succeeded"})
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=30s")
    assert "Progressing" not in json.dumps(status(kubectl))


def test_a_protected_instance_is_not_deleted(kubectl, broker):
    ready_instance(kubectl, broker, {"prevent-deletion": "true"})
    refusal = kubectl("delete", "serviceinstance/instance", check=False)
    assert "servicecatalog.k8s.io/prevent-deletion-" in refusal
    kubectl("annotate", "serviceinstance/instance", "servicecatalog.k8s.io/prevent-deletion-")
    kubectl("delete", "serviceinstance/instance", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 1


def test_an_instance_is_given_up_when_its_broker_is_gone(kubectl, broker):
    ready_instance(kubectl, broker)
    external_id = kubectl("get", "serviceinstance/instance", "-o", "jsonpath={.spec.externalID}")
    broker.answer("DELETE", INSTANCE, 500, {"description": "locked from inside"})
    kubectl("delete", "serviceinstance/instance", "--wait=false")
    until_told(kubectl, "locked from inside")
    annotate(kubectl, "abandon")
    until_gone(kubectl)
    assert external_id in until_event(kubectl, "Abandoned")


def test_a_retained_instance_is_adopted_again(kubectl, broker):
    ready_instance(kubectl, broker, {"retain": "true"})
    made = json.loads(kubectl("get", "serviceinstance/instance", "-o", "json"))
    kubectl("delete", "serviceinstance/instance", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 0
    assert made["spec"]["externalID"] in until_event(kubectl, "Retained")
    broker.answer("GET", INSTANCE, 200, {"service_id": catalog(broker.name)["services"][0]["id"]})
    ready_instance(kubectl, broker, externalID=made["spec"]["externalID"])
    first, again = broker.sent("PUT", INSTANCE)
    assert again == first, "the same request: the broker says that it is this object's"
    assert "nothing was provisioned" in json.dumps(status(kubectl)["conditions"])


def test_a_paused_instance_waits(kubectl, broker):
    ready_instance(kubectl, broker)
    annotate(kubectl, "pause")
    wait_until("the pause", lambda: status(kubectl)["lastConditionState"] == "Paused", 20)
    kubectl("delete", "serviceinstance/instance", "--wait=false")
    until_told(kubectl, "the deletion waits")
    assert broker.count("DELETE", INSTANCE) == 0
    annotate(kubectl, "pause", "false")
    until_gone(kubectl)


def test_bindings_are_deleted_with_their_instance_when_asked_for(kubectl, broker):
    ready_instance(kubectl, broker)
    apply(kubectl, "ServiceBinding", "binding", {"instanceRef": {"name": "instance"}})
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=20s")
    kubectl("delete", "serviceinstance/instance", "--wait=false")
    until_told(kubectl, "can be deleted: binding")
    annotate(kubectl, "cascade-deletion")
    until_gone(kubectl)
    assert kubectl("get", "servicebindings", "-o", "name") == ""
    assert broker.count("DELETE", BINDING) == 1


def test_a_changed_secret_updates_the_instance(kubectl, broker):
    kubectl("create", "secret", "generic", "login", '--from-literal=parameters={"password": "one"}')
    ready_instance(kubectl, broker, parametersFrom=[{"secretKeyRef": {"name": "login", "key": "parameters"}}])
    before = status(kubectl)["externalProperties"]
    assert before["parameters"] == {"password": "<redacted>"}
    kubectl("patch", "secret/login", "--type=merge", "-p", '{"stringData": {"parameters": "{\\"password\\": \\"two\\"}"}}')
    wait_until("the update", lambda: status(kubectl)["externalProperties"]["parameterChecksum"] != before["parameterChecksum"], 30)
    assert broker.count("PATCH", INSTANCE) == 1
