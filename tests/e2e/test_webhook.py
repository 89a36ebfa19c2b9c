"""Admission as a real API server asks for it: whom it trusts, and what still works without the webhook."""

import base64
import json

import pytest
from chandlery_dev.cluster import WEBHOOK_CONFIGURATION, webhook_configurations
from chandlery_dev.processes import Process, free_port, wait_until
from chandlery_dev.stack import Stack

pytestmark = pytest.mark.cluster

API = "servicecatalog.k8s.io/v1beta1"
KINDS = ("mutatingwebhookconfiguration", "validatingwebhookconfiguration")
INSTANCE = {"serviceClassExternalName": "none", "servicePlanExternalName": "none"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Admission by the webhook, no controllers."""
    stack = Stack(tmp_path_factory.mktemp("cluster"))
    stack.start_control_plane(controllers=False)
    yield stack
    stack.stop()


def manifest(kind: str, name: str, spec: dict, namespace: str | None = "default") -> str:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return json.dumps({"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec})


def ca_bundles(cluster) -> set[str]:
    found = [cluster.get(kind, WEBHOOK_CONFIGURATION)["webhooks"] for kind in KINDS]
    return {webhook["clientConfig"].get("caBundle", "") for webhooks in found for webhook in webhooks}


def test_who_names_a_secret_must_be_able_to_read_it(cluster):
    cluster.kubectl("create", "clusterrole", "brokers", "--verb=create", "--resource=clusterservicebrokers.servicecatalog.k8s.io")
    cluster.kubectl("create", "clusterrolebinding", "jane", "--clusterrole=brokers", "--user=jane")
    spec = {"url": "https://broker.example.com", "authInfo": {"basic": {"secretRef": {"name": "credentials", "namespace": "default"}}}}
    create = ("create", "--as=jane", "-f", "-")
    broker = manifest("ClusterServiceBroker", "janes", spec, namespace=None)
    refusal = cluster.kubectl(*create, stdin=broker, check=False)
    assert "denied the request" in refusal
    assert "credentials" in refusal

    cluster.kubectl("create", "role", "reader", "--verb=get", "--resource=secrets", "--resource-name=credentials", "-n", "default")
    cluster.kubectl("create", "rolebinding", "jane", "--role=reader", "--user=jane", "-n", "default")
    assert "created" in wait_until("the grant being known", lambda: cluster.kubectl(*create, stdin=broker), 10)


def test_without_the_webhook_nothing_is_made_but_everything_can_be_deleted(cluster):
    cluster.kubectl("create", "namespace", "leaving")
    for name in ("one", "two"):
        cluster.kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", name, INSTANCE, "leaving"))
    assert cluster.get("serviceinstance/one", "-n", "leaving")["metadata"]["finalizers"]
    cluster.control_plane.part("webhook").kill()
    refusal = cluster.kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "three", INSTANCE, "leaving"), check=False)
    assert "failed calling webhook" in refusal

    patch = ("patch", "serviceinstance/one", "-n", "leaving", "--type=merge", "-p")
    cluster.kubectl(*patch, '{"status": {"asyncOpInProgress": true}}', "--subresource=status")
    cluster.kubectl("delete", "serviceinstance/one", "-n", "leaving", "--wait=false")
    assert "failed calling webhook" in cluster.kubectl(*patch, '{"metadata": {"annotations": {"note": "new"}}}', check=False)
    cluster.kubectl(*patch, '{"metadata": {"finalizers": null}}')
    assert "NotFound" in cluster.kubectl("get", "serviceinstance/one", "-n", "leaving", check=False)

    cluster.kubectl("delete", "namespace", "leaving", "--wait=false")
    deleting = ("get", "serviceinstance/two", "-n", "leaving", "-o", "jsonpath={.metadata.deletionTimestamp}")
    wait_until("the namespace's objects being deleted", lambda: cluster.kubectl(*deleting), 30)
    cluster.kubectl("patch", "serviceinstance/two", "-n", "leaving", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    cluster.kubectl("wait", "--for=delete", "namespace/leaving", "--timeout=60s")


@pytest.fixture
def replicas(cluster, bin_dir, tmp_path):
    """Two self-managed webhooks; the first is the one that is asked."""
    kubeconfig = cluster.control_plane.kubeconfig_of("webhook")
    ports = [free_port(), free_port()]
    started = []
    for number, port in enumerate(ports):
        command = [bin_dir / "service-catalog", "webhook", "--kubeconfig", kubeconfig, "--bind-address", "127.0.0.1"]
        command += ["--secure-port", port, "--self-managed-tls", "--tls-dns-name", "localhost"]
        started.append(Process("webhook", command, tmp_path / f"webhook-{number}.log").start())
    configurations = webhook_configurations(f"https://localhost:{ports[0]}", b"nobody's")
    cluster.kubectl("replace", "-f", "-", stdin="\n".join(json.dumps(one) for one in configurations))
    yield started
    for process in started:
        process.stop()


def test_a_webhook_that_manages_its_certificate_keeps_being_trusted(cluster, replicas):
    def secret() -> dict:
        return cluster.get("secret/service-catalog-webhook-tls", "-n", "catalog")

    def trusted() -> bool:
        return ca_bundles(cluster) == {secret()["data"]["ca.crt"]}

    def refuses_nonsense() -> bool:
        broker = manifest("ClusterServiceBroker", "nonsense", {"url": "nonsense"}, namespace=None)
        return "is not a valid URL" in cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=broker, check=False)

    wait_until("the configurations holding the CA", trusted, 20)
    wait_until("admission being asked", refuses_nonsense, 20)
    assert b"BEGIN CERTIFICATE" in base64.b64decode(secret()["data"]["tls.crt"])

    for kind in KINDS:
        path = '[{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]'
        cluster.kubectl("patch", kind, WEBHOOK_CONFIGURATION, "--type=json", "-p", path)
    wait_until("the CA being put back", trusted, 20)

    before = secret()["data"]["ca.crt"]
    cluster.kubectl("delete", "secret", "service-catalog-webhook-tls", "-n", "catalog")
    wait_until("another certificate", lambda: secret()["data"]["ca.crt"] != before and trusted(), 20)
    wait_until("admission with the new certificate", refuses_nonsense, 20)
    for process in replicas:
        wait_until("every replica serving it", lambda process=process: "was renewed" in process.output(), 20)
