"""What users ask for reaches the broker: after a restore whose status is ahead, after an update whose answer was lost, after a Secret has changed."""

import json

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import INSTANCE
from manifests import API, manifest

INSTANCES = "serviceinstance/queue"


@pytest.fixture
def kubectl(kubectl, broker):
    broker.answer("PATCH", INSTANCE, 200, {})
    kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")
    yield kubectl
    kubectl("delete", "serviceinstance", "--all", "--timeout=60s")  # while the broker is there


def make(kubectl, broker, **parameters) -> None:
    spec = {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small", "parameters": parameters}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "queue", spec))
    kubectl("wait", "--for=condition=Ready", INSTANCES, "--timeout=30s")


def edit(kubectl, **parameters) -> None:
    kubectl("patch", INSTANCES, "--type=merge", "-p", json.dumps({"spec": {"parameters": parameters}}))


def get(kubectl) -> dict:
    return json.loads(kubectl("get", INSTANCES, "-o", "json"))


def until_carried_out(kubectl, generation: int) -> None:
    wait_until(f"generation {generation} being carried out", lambda: get(kubectl)["status"].get("reconciledGeneration") == generation, 20)


def restored(kubectl, saved: dict, patch: dict) -> None:
    """As Velero does it: the object anew, then its status as it was."""
    metadata = {key: value for key, value in saved["metadata"].items() if key in ("name", "namespace", "finalizers", "labels")}
    kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": API, "kind": "ServiceInstance", "metadata": metadata, "spec": saved["spec"]}))

    def written():  # a controller may write in between
        metadata["resourceVersion"] = get(kubectl)["metadata"]["resourceVersion"]
        status = {"apiVersion": API, "kind": "ServiceInstance", "metadata": metadata, "spec": saved["spec"], "status": saved["status"] | patch}
        return "replaced" in kubectl("replace", "--subresource=status", "-f", "-", stdin=json.dumps(status), check=False)

    wait_until("the status being restored", written, 20)


def let_go(kubectl) -> dict:
    saved = get(kubectl)
    kubectl("annotate", INSTANCES, "servicecatalog.k8s.io/retain=true")
    kubectl("delete", INSTANCES, "--timeout=30s")
    return saved


def test_a_restored_status_that_is_ahead_hides_no_edit(kubectl, broker):
    make(kubectl, broker, DelaySeconds=1)
    for seconds in range(2, 8):
        edit(kubectl, DelaySeconds=seconds)
        until_carried_out(kubectl, seconds)
    assert get(kubectl)["status"]["observedGeneration"] == 7
    saved = let_go(kubectl)
    made, updated = broker.count("PUT", INSTANCE), broker.count("PATCH", INSTANCE)
    restored(kubectl, saved, {})
    edit(kubectl, DelaySeconds=42)
    wait_until("the edit reaching the broker", lambda: broker.sent("PATCH", INSTANCE)[-1].get("parameters") == {"DelaySeconds": 42}, 20)
    wait_until("the status following", lambda: get(kubectl)["status"]["observedGeneration"] == 2, 20)
    assert broker.count("PATCH", INSTANCE) == updated + 1
    assert broker.count("PUT", INSTANCE) <= made + 1, "the same request again, while there was no status"


def test_a_restored_status_of_a_deletion_that_was_given_up_lets_it_be_tried(kubectl, broker):
    make(kubectl, broker, DelaySeconds=5)
    saved = let_go(kubectl)
    failed = [{"type": "Failed", "status": "True", "reason": "ErrorReconciliationRetryTimeout", "message": "tried for too long"}]
    restored(kubectl, saved, {"deprovisionStatus": "Failed", "observedGeneration": 7, "conditions": failed})
    kubectl("delete", INSTANCES, "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 1


def test_going_back_after_an_update_whose_answer_was_lost_is_sent(kubectl, broker):
    make(kubectl, broker, DelaySeconds=5)
    broker.answer("PATCH", INSTANCE, 500, {"description": "after it was done"})
    edit(kubectl, DelaySeconds=900)
    wait_until("the update", lambda: broker.count("PATCH", INSTANCE) > 0, 20)
    wait_until("its failure being told", lambda: get(kubectl)["status"].get("retry"), 20)
    broker.answer("PATCH", INSTANCE, 200, {})
    edit(kubectl, DelaySeconds=5)
    until_carried_out(kubectl, 3)
    assert broker.sent("PATCH", INSTANCE)[-1]["parameters"] == {"DelaySeconds": 5}
    assert "unconfirmedUpdate" not in get(kubectl)["status"]
