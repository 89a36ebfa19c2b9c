"""Objects that service-catalog v0.3.1 stored (tests/data/v0.3.1), loaded as a backup is: taken over in place, nothing made again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from chandlery_dev.processes import wait_until
from fake_broker import BINDING, INSTANCE, FakeBroker

DATA = Path(__file__).resolve().parents[1] / "data/v0.3.1"
READY = {"ready", "ready-in-namespace", "provisioning", "updating"}


@pytest.fixture
def broker():
    """Knows the instances and bindings that v0.3.1 made, and what it was doing."""
    broker = FakeBroker("shop-db")
    broker.answer("GET", "/v2/catalog", 200, json.loads((DATA / "catalog.json").read_text()))
    for path in (INSTANCE, BINDING):
        broker.answer("GET", path + "/last_operation", 200, {"state": "succeeded"})
    broker.answer("GET", BINDING, 200, {"credentials": {"user": "u", "password": "p"}})
    yield broker
    broker.stop()


@pytest.fixture
def kubectl(kubectl):
    yield kubectl
    kubectl("delete", "servicebindings,serviceinstances", "--all", "--timeout=60s")
    kubectl("delete", "clusterservicebroker/shop-broker", "--ignore-not-found", "--timeout=60s")


def stored(file: str, namespace: str) -> list[dict]:
    items = yaml.safe_load((DATA / f"{file}.yaml").read_text())["items"]
    for item in items:
        for field in ("uid", "creationTimestamp", "generation", "ownerReferences"):
            item["metadata"].pop(field, None)
        if "namespace" in item["metadata"]:
            item["metadata"]["namespace"] = namespace
    return items


def load(kubectl, item: dict) -> None:
    """Create, then the status: a status that speaks of the current generation does so of the loaded one."""
    status = item.pop("status", None)
    kubectl("create", "-f", "-", stdin=json.dumps(item))
    if status is None:
        return
    name = f"{item['kind'].lower()}/{item['metadata']['name']}"
    generation = json.loads(kubectl("get", name, "-o", "json"))["metadata"]["generation"]
    for field in ("observedGeneration", "reconciledGeneration"):
        if status.get(field):
            status[field] = generation
    if "operationStartTime" in status:
        status["operationStartTime"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kubectl("patch", name, "--subresource=status", "--type=merge", "-p", json.dumps({"status": {"retry": None, **status}}))


def test_what_v031_left_is_taken_over_in_place(kubectl, broker, namespace):
    instances = [one for one in stored("instances", namespace) if one["metadata"]["name"] in READY | {"provision-failed"}]
    bindings = [one for one in stored("bindings", namespace) if one["metadata"]["name"] in {"bound", "binding"}]
    # Instances before their classes: until those are there, the controllers do nothing but say so.
    for item in instances + bindings:
        load(kubectl, item)
    uid = kubectl("get", "servicebinding/bound", "-o", "jsonpath={.metadata.uid}")
    secret = stored("secrets", namespace)[0]
    owner = {"apiVersion": "servicecatalog.k8s.io/v1beta1", "kind": "ServiceBinding", "name": "bound", "uid": uid, "controller": True}
    secret["metadata"]["ownerReferences"] = [owner]
    kubectl("create", "-f", "-", stdin=json.dumps(secret))
    for item in stored("brokers", namespace):
        item["spec"]["url"] = broker.url
        item.pop("status")
        kubectl("create", "-f", "-", stdin=json.dumps(item))
    kubectl("wait", "--for=condition=Ready", "clusterservicebroker/shop-broker", "servicebroker/own-broker", "--timeout=30s")

    for name in sorted(READY):
        kubectl("wait", "--for=condition=Ready", f"serviceinstance/{name}", "--timeout=60s")
    kubectl("wait", "--for=condition=Ready", "servicebinding/bound", "servicebinding/binding", "--timeout=60s")
    assert kubectl("get", "secret/bound", "-o", "jsonpath={.data.source}") == "c2hvcA=="
    assert kubectl("get", "secret/binding", "-o", "jsonpath={.data.user}") == "dQ=="
    assert broker.count("PUT", INSTANCE) == broker.count("PATCH", INSTANCE) == broker.count("PUT", BINDING) == 0
    failed = kubectl("get", "serviceinstance/provision-failed", "-o", 'jsonpath={.status.conditions[?(@.type=="Failed")].status}')
    assert failed == "True"

    kubectl("delete", "servicebinding", "--all", "--timeout=60s")
    kubectl("delete", "serviceinstance", "--all", "--timeout=60s")
    wait_until("the Secrets being gone", lambda: "NotFound" in kubectl("get", "secret/bound", check=False), 20)
    assert broker.count("DELETE", BINDING) == 2
    assert broker.count("DELETE", INSTANCE) == len(READY)
