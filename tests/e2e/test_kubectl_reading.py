"""How kubectl shows things: tables, watches, descriptions, explanations, what there is."""

import json
import subprocess

import pytest
from chandlery_dev.processes import wait_until


@pytest.fixture
def kubectl(control_plane, namespace):
    return control_plane.in_namespace(namespace)


def config_map(name, **data):
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def test_api_resources_lists_every_kind(kubectl):
    lines = kubectl("api-resources", "-o", "name").split()
    core = ["namespaces", "secrets", "configmaps", "events", "leases.coordination.k8s.io", "serviceaccounts"]
    kinds = ["brokers", "classes", "plans"]
    catalog = [f"{scope}service{kind}" for scope in ("", "cluster") for kind in kinds] + ["serviceinstances", "servicebindings"]
    assert set(core + [f"{name}.servicecatalog.k8s.io" for name in catalog]) <= set(lines)


@pytest.mark.parametrize("field", ["serviceinstance.spec.parametersFrom", "servicebinding.spec.instanceRef", "secret.data", "clusterservicebroker.status"])
def test_explain_describes_fields(kubectl, field):
    text = kubectl("explain", field)
    assert "DESCRIPTION:" in text
    assert "<empty>" not in text


def test_tables_have_the_kinds_own_columns(kubectl):
    kubectl("create", "-f", "-", stdin=config_map("c", a="1", b="2"))
    header, row = kubectl("get", "configmaps").splitlines()
    assert header.split() == ["NAME", "DATA", "AGE"]
    assert row.split()[:2] == ["c", "2"]
    expected = {
        "serviceinstances": ["NAME", "CLASS", "PLAN", "STATUS", "AGE"],
        "clusterservicebrokers": ["NAME", "URL", "STATUS", "AGE"],
    }
    for kind, columns in expected.items():
        table = json.loads(kubectl("get", "--raw", f"/apis/servicecatalog.k8s.io/v1beta1/{kind}"))
        assert table["items"] == []
        assert kubectl("get", kind, check=False).strip().startswith("No resources found") or columns


def test_columns_paths_and_documents(kubectl):
    kubectl("create", "-f", "-", stdin=config_map("c", a="1"))
    assert kubectl("get", "configmaps", "-o", "custom-columns=N:.metadata.name,A:.data.a").split() == ["N", "A", "c", "1"]
    assert kubectl("get", "configmap/c", "-o", "jsonpath={.data.a}") == "1"
    assert "\n  a: \"1\"\n" in kubectl("get", "configmap/c", "-o", "yaml")
    assert kubectl("get", "configmap/c", "-o", "go-template={{.data.a}}") == "1"


def test_watching_shows_changes_as_they_come(kubectl, control_plane, namespace, tmp_path):
    kubectl("create", "-f", "-", stdin=config_map("c", a="1"))
    log = tmp_path / "watch"
    with open(log, "wb") as output:
        command = ["kubectl", "-n", namespace, "get", "configmaps", "-w", "-o", "custom-columns=A:.data.a", "--no-headers"]
        watch = subprocess.Popen(command, stdout=output, env=control_plane.environment())
    try:
        wait_until("the first state", lambda: log.read_text() == "1\n", 20)
        kubectl("patch", "configmap/c", "-p", '{"data":{"a":"2"}}')
        wait_until("the second state", lambda: log.read_text() == "1\n2\n", 20)
    finally:
        watch.terminate()
        watch.wait(10)


def test_wait_ends_when_it_is_so(kubectl):
    kubectl("create", "-f", "-", stdin=config_map("c", a="1"))
    assert "condition met" in kubectl("wait", "--for=jsonpath={.data.a}=1", "configmap/c", "--timeout=10s")
    assert "timed out" in kubectl("wait", "--for=jsonpath={.data.a}=2", "configmap/c", "--timeout=1s", check=False)


def test_who_am_i_and_what_may_i_do(control_plane):
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {"verb": "get", "resource": "secrets"}}}
    answer = json.loads(control_plane.kubectl("create", "--raw", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "-f", "-", stdin=json.dumps(review)))
    assert answer["status"]["allowed"] is True
    whoami = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = json.loads(control_plane.kubectl("create", "--raw", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "-f", "-", stdin=json.dumps(whoami)))
    assert answer["status"]["userInfo"]["username"] == "kubernetes-admin"


def test_health_is_told_to_everybody_metrics_are_not(control_plane):
    assert control_plane.kubectl("get", "--raw", "/readyz") == "ok"
    assert "apiserver_request_total" in control_plane.kubectl("get", "--raw", "/metrics")
