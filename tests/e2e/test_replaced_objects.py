"""What the catalog has filled in stays, whatever a client leaves out: kubectl replace, server-side apply, patches, deletions in between."""

import json

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import BINDING, INSTANCE
from manifests import API, manifest

FINALIZER = "kubernetes-incubator/service-catalog"
BOTH = ("serviceinstance/queue", "servicebinding/queue-keys")


@pytest.fixture
def manifests(kubectl, broker, namespace) -> str:
    """A broker, an instance and a binding, as users write them, and all of them Ready."""

    def text(kind: str, name: str, spec: dict) -> dict:
        return {"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}

    kubectl("apply", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")
    items = [
        text("ServiceInstance", "queue", {"serviceClassExternalName": broker.name, "parameters": {"DelaySeconds": 5}}),
        text("ServiceBinding", "queue-keys", {"instanceRef": {"name": "queue"}}),
    ]
    both = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    kubectl("apply", "-f", "-", stdin=both)
    kubectl("wait", "--for=condition=Ready", *BOTH, "--timeout=30s")
    yield both
    broker.answer("DELETE", INSTANCE, 200, {})
    kubectl("delete", "servicebinding,serviceinstance", "--all", "--timeout=60s")


def state(kubectl, *names: str) -> list[dict]:
    found = [json.loads(kubectl("get", name, "-o", "json")) for name in names]
    kept = ("finalizers", "labels", "generation", "uid")
    return [{"spec": one["spec"], "status": one["status"]} | {key: one["metadata"].get(key) for key in kept} for one in found]


def asked(broker) -> list:
    return [request for request in broker.requests if not request[1].endswith("/catalog")]


def test_a_replace_with_the_original_manifest_changes_nothing(kubectl, broker, manifests):
    before, calls = state(kubectl, *BOTH), asked(broker)
    assert before[0]["spec"]["servicePlanExternalName"] == "small"
    assert "replaced" in kubectl("replace", "-f", "-", stdin=manifests)
    assert state(kubectl, *BOTH) == before
    # At once, with whatever the replace has left.
    kubectl("replace", "-f", "-", stdin=manifests)
    kubectl("delete", "-f", "-", "--timeout=60s", stdin=manifests)
    assert (broker.count("DELETE", BINDING), broker.count("DELETE", INSTANCE)) == (1, 1)
    assert asked(broker)[: len(calls)] == calls
    assert len(asked(broker)) == len(calls) + 2


def test_a_replaced_broker_stays_as_it_is(kubectl, broker, manifests):
    before = state(kubectl, "servicebroker/broker")
    kubectl("replace", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url}))
    assert state(kubectl, "servicebroker/broker") == before
    assert FINALIZER in before[0]["finalizers"]


def test_server_side_apply_over_client_side_apply_changes_nothing(kubectl, broker, manifests):
    before, calls = state(kubectl, *BOTH), asked(broker)
    for options in (["--field-manager=kubectl"], ["--force-conflicts", "--field-manager=kustomize-controller"], ["--force-conflicts", "--field-manager=kubectl"]):
        for _ in range(2):
            kubectl("apply", "--server-side", *options, "-f", "-", stdin=manifests)
            assert state(kubectl, *BOTH) == before, options
    assert asked(broker) == calls


@pytest.mark.parametrize(
    "patch",
    [
        ("--type=json", '[{"op": "remove", "path": "/metadata/finalizers"}]'),
        ("--type=merge", '{"metadata": {"finalizers": null}}'),
        ("--type=merge", '{"metadata": {"finalizers": []}, "spec": {"externalID": null}}'),
    ],
    ids=range(3),
)
def test_the_finalizer_cannot_be_taken_away_while_the_broker_has_something(kubectl, broker, manifests, patch):
    before = state(kubectl, *BOTH)
    for name in BOTH:
        kubectl("patch", name, patch[0], "-p", patch[1])
    assert state(kubectl, *BOTH) == before
    # Nor of an object that is being deleted.
    broker.answer("DELETE", INSTANCE, 500, {"description": "not now"})
    kubectl("delete", "servicebinding/queue-keys", "--timeout=30s")
    kubectl("delete", "serviceinstance/queue", "--wait=false")
    wait_until("the deletion being tried", lambda: broker.count("DELETE", INSTANCE) > 0, 20)
    kubectl("patch", "serviceinstance/queue", patch[0], "-p", patch[1])
    left = json.loads(kubectl("get", "serviceinstance/queue", "-o", "json"))
    assert left["metadata"]["finalizers"] == before[0]["finalizers"]
    assert left["spec"]["externalID"] == before[0]["spec"]["externalID"]
    broker.answer("DELETE", INSTANCE, 200, {})
    kubectl("wait", "--for=delete", "serviceinstance/queue", "--timeout=60s")


def test_a_replace_of_what_is_being_deleted_leaves_nothing_behind(kubectl, broker, manifests):
    broker.answer("DELETE", INSTANCE, 500, {"description": "not now"})
    kubectl("delete", "servicebinding/queue-keys", "--timeout=30s")
    kubectl("delete", "serviceinstance/queue", "--wait=false")
    instance = json.loads(manifests)["items"][0]
    stored = state(kubectl, "serviceinstance/queue")[0]["spec"]
    for spec in (instance["spec"], stored):  # with the ids and without
        assert "replaced" in kubectl("replace", "-f", "-", stdin=json.dumps({**instance, "spec": spec}))
        assert FINALIZER in kubectl("get", "serviceinstance/queue", "-o", "jsonpath={.metadata.finalizers}")
        assert state(kubectl, "serviceinstance/queue")[0]["spec"] == stored
    broker.answer("DELETE", INSTANCE, 200, {})
    kubectl("wait", "--for=delete", "serviceinstance/queue", "--timeout=60s")
    assert broker.count("DELETE", INSTANCE) > 1, "until it worked"


def test_who_gives_an_instance_up_may_take_its_finalizer_away(kubectl, broker, manifests):
    broker.answer("DELETE", INSTANCE, 500, {"description": "never"})
    kubectl("delete", "servicebinding/queue-keys", "--timeout=30s")
    kubectl("annotate", "serviceinstance/queue", "servicecatalog.k8s.io/abandon=true")
    kubectl("delete", "serviceinstance/queue", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 0
