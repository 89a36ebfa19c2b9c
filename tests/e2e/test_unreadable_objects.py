"""One object that cannot be kept or read stops nobody else, and its owner repairs it with kubectl."""

import json
import sqlite3

import pytest
from chandlery_dev.processes import wait_until

pytestmark = pytest.mark.local

API = "servicecatalog.k8s.io/v1beta1"


def instance(name: str, **parameters) -> str:
    spec = {"clusterServiceClassExternalName": "sqs", "clusterServicePlanExternalName": "standard", "parameters": parameters}
    return json.dumps({"apiVersion": API, "kind": "ServiceInstance", "metadata": {"name": name}, "spec": spec})


def test_a_number_that_cannot_be_kept_is_refused_with_its_path(stack, stack_namespace):
    kubectl = stack.in_namespace(stack_namespace)
    kubectl("create", "-f", "-", stdin=instance("queue"))
    for number in ("1e400", "-1e999", "18446744073709551616"):
        refused = kubectl("patch", "serviceinstance/queue", "--type=merge", "-p", f'{{"spec":{{"parameters":{{"a":{number}}}}}}}', check=False)
        assert "spec.parameters.a" in refused, refused
        assert "in quotes" in refused, refused
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=60s")
    assert "queue" in kubectl("get", "serviceinstances")
    kubectl("delete", "serviceinstance/queue", "--timeout=60s")


def test_parameters_that_status_could_not_repeat_are_refused(stack, stack_namespace):
    kubectl = stack.in_namespace(stack_namespace)
    refused = kubectl("create", "-f", "-", stdin=instance("queue", a="x" * 300_000), check=False)
    assert "spec.parameters" in refused and "262144" in refused, refused


def test_the_cluster_s_own_namespaces_stay(stack):
    refused = stack.kubectl("delete", "namespace", "default", "kube-system", check=False)
    assert 'namespaces "default" is forbidden: this namespace may not be deleted' in refused
    assert 'namespaces "kube-system" is forbidden: this namespace may not be deleted' in refused
    assert stack.get("namespace", "default")["status"]["phase"] == "Active"


def damage(stack, key: str, before: str, after: str) -> None:
    with sqlite3.connect(stack.folder / "control-plane/state.db") as database:
        changed = database.execute(
            "UPDATE log SET value = CAST(replace(CAST(value AS TEXT), ?, ?) AS BLOB) WHERE key = CAST(? AS BLOB) OR key = ?",
            (before, after, key, key),
        ).rowcount
        assert changed > 0
    database.close()


def test_an_object_that_an_older_version_stored_wrongly_stops_no_other_and_is_repaired(own_stack):
    stack = own_stack
    stack.start()
    for name in ("good", "wrong", "broken"):
        stack.kubectl("create", "-f", "-", stdin=instance(name, VisibilityTimeout=41717 if name == "wrong" else 30))
    for name in ("good", "broken"):
        stack.kubectl("wait", "--for=condition=Ready", f"serviceinstance/{name}", "--timeout=60s")
    stack.control_plane.stop()
    prefix = "/servicecatalog.k8s.io/serviceinstances/default/"
    damage(stack, prefix + "wrong", "41717", "1e99999")
    damage(stack, prefix + "broken", '"spec":', '"spec"')
    stack.start_control_plane()

    listed = stack.kubectl("get", "serviceinstances", check=False)
    assert "good" in listed and "broken" not in listed.replace("default/broken", "")
    # The others go on being worked on.
    stack.kubectl("create", "-f", "-", stdin=instance("another"))
    stack.kubectl("wait", "--for=condition=Ready", "serviceinstance/another", "--timeout=60s")

    # One with a number that cannot be read is repaired by a patch, and goes on.
    stack.kubectl("patch", "serviceinstance/wrong", "--type=merge", "-p", '{"spec":{"parameters":{"VisibilityTimeout":30}}}')
    stack.kubectl("wait", "--for=condition=Ready", "serviceinstance/wrong", "--timeout=60s")

    # One of which nothing can be read says so, and can be deleted.
    told = stack.kubectl("get", "serviceinstance/broken", check=False)
    assert "cannot be read" in told and "delete the object" in told
    stack.kubectl("delete", "serviceinstance/broken", "--timeout=30s")
    assert "not found" in stack.kubectl("get", "serviceinstance/broken", check=False)
    stack.kubectl("delete", "serviceinstances", "--all", "--timeout=60s")
    wait_until("all being gone", lambda: stack.get("serviceinstances", "-A")["items"] == [], 30)
