"""controller-manager and webhook as they run on a cluster: programs of their own, talking to an API server over TLS."""

import base64
import json
import os
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from chandlery_dev.certificates import CertificateAuthority
from chandlery_dev.processes import Process, free_port, wait_until
from chandlery_dev.stack import Stack
from fake_broker import INSTANCE
from manifests import API, manifest

LEASE = ("leases", "-A", "-o", 'jsonpath={.items[?(@.metadata.name=="service-catalog-controller-manager")].spec.holderIdentity}')


@pytest.fixture
def api_server(tmp_path):
    """A control plane whose controllers do not run."""
    stack = Stack(tmp_path)
    stack.start_control_plane(controllers=False)
    yield stack
    stack.stop()


@pytest.fixture
def start(api_server, bin_dir, tmp_path):
    """Starts a program against the API server; all of them end with the test."""
    started = []

    def start(*arguments) -> Process:
        kubeconfig = api_server.control_plane.kubeconfig_of(arguments[0])
        command = [bin_dir / "service-catalog", *arguments, "--kubeconfig", kubeconfig, "--bind-address", "127.0.0.1"]
        process = Process(str(arguments[0]), command, tmp_path / f"program-{len(started)}.log").start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


def create(api_server, kind: str, name: str, spec: dict) -> None:
    api_server.kubectl("create", "-f", "-", stdin=manifest(kind, name, spec, namespace="default"))


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_one_of_two_controller_managers_works_and_the_other_takes_over(api_server, start, broker):
    ports = [free_port(), free_port()]
    managers = [start("controller-manager", "--leader-elect", "--port", port) for port in ports]
    leader = wait_until("a leader", lambda: api_server.kubectl("get", *LEASE), 20)
    for port in ports:
        wait_until("both being well", lambda port=port: status_of(f"http://127.0.0.1:{port}/readyz") == 200, 10)

    create(api_server, "ServiceBroker", "broker", {"url": broker.url})
    api_server.kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "-n", "default", "--timeout=20s")
    create(api_server, "ServiceInstance", "one", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"})
    api_server.kubectl("wait", "--for=condition=Ready", "serviceinstance/one", "-n", "default", "--timeout=20s")
    assert broker.count("PUT", INSTANCE) == 1

    # Ended in order, the leader gives its lease back and nobody waits for it to run out.
    (working,) = [one for one in managers if "Became the leader" in one.output()]
    working.stop()
    assert "Gave back the lease" in working.output()
    wait_until("the other leading", lambda: api_server.kubectl("get", *LEASE) not in ("", leader), 10)
    api_server.kubectl("delete", "serviceinstance/one", "-n", "default", "--timeout=30s")
    api_server.kubectl("delete", "servicebroker/broker", "-n", "default", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 1


def test_a_leader_that_was_stopped_does_nothing_late(api_server, start, broker):
    times = ("--leader-elect-lease-duration", "3s", "--leader-elect-renew-deadline", "2s", "--leader-elect-retry-period", "500ms")
    managers = [
        start("controller-manager", "--leader-elect", "--port", free_port(), *times)
        for _ in range(2)
    ]
    leader = wait_until("a leader", lambda: api_server.kubectl("get", *LEASE), 20)
    (working,) = [one for one in managers if "Became the leader" in one.output()]
    (waiting,) = [one for one in managers if one is not working]
    create(api_server, "ServiceBroker", "broker", {"url": broker.url})
    api_server.kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "-n", "default", "--timeout=20s")

    # Stopped in the middle of a call, with more to do.
    broker.answer_late("PUT", INSTANCE, 201, {})
    for name in ("one", "two"):
        create(api_server, "ServiceInstance", name, {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"})
    wait_until("both calls being under way", lambda: broker.count("PUT", INSTANCE) == 2, 20)
    stopped = working.pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        wait_until("the other leading", lambda: api_server.kubectl("get", *LEASE) not in ("", leader), 20)
        wait_until("the other's calls", lambda: broker.count("PUT", INSTANCE) == 4, 20)
        broker.answer("PUT", INSTANCE, 201, {})
        broker.released.set()
        for name in ("one", "two"):
            api_server.kubectl("wait", "--for=condition=Ready", f"serviceinstance/{name}", "-n", "default", "--timeout=20s")
        settled = json.loads(api_server.kubectl("get", "serviceinstances", "-n", "default", "-o", "json"))
        asked = len(broker.requests)
    finally:
        os.kill(stopped, signal.SIGCONT)
    # It finds the answers to its calls, and that it must not write them down.
    wait_until("the old leader ending", lambda: not working.is_running(), 20)
    assert "is no longer the leader" in working.output()
    assert json.loads(api_server.kubectl("get", "serviceinstances", "-n", "default", "-o", "json"))["items"] == settled["items"]
    assert len(broker.requests) == asked
    assert len({path for method, path in broker.requests if method == "PUT"}) == 2, "the same ids: nothing is made twice"
    waiting.check()
    api_server.kubectl("delete", "serviceinstance", "--all", "-n", "default", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 2


def test_a_controller_manager_survives_its_api_server(api_server, start, broker):
    port = free_port()
    start("controller-manager", "--port", port)
    wait_until("the first lists", lambda: status_of(f"http://127.0.0.1:{port}/readyz") == 200, 20)
    create(api_server, "ServiceBroker", "broker", {"url": broker.url})
    api_server.kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "-n", "default", "--timeout=20s")
    api_server.control_plane.kill()
    api_server.start_control_plane(controllers=False)
    create(api_server, "ServiceInstance", "one", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"})
    api_server.kubectl("wait", "--for=condition=Ready", "serviceinstance/one", "-n", "default", "--timeout=40s")
    api_server.kubectl("delete", "serviceinstance/one", "-n", "default", "--timeout=30s")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
        assert b"servicecatalog" in answer.read()


def test_without_an_api_server_a_controller_manager_says_so(bin_dir, tmp_path):
    for arguments, says in (
        (["--kubeconfig", tmp_path / "none"], "none"),
        (["--broker-relist-interval", "soon"], "--broker-relist-interval"),
        (["--concurrent-syncs", "0"], "--concurrent-syncs"),
    ):
        done = subprocess.run(
            [bin_dir / "service-catalog", "controller-manager", *arguments], capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
        assert says in done.stdout + done.stderr


class Webhook:
    """The webhook's HTTPS, as an API server calls it."""

    def __init__(self, folder: Path, start):
        self._port = free_port()
        authority = CertificateAuthority(folder, "hook-ca")
        certificate, key = authority.issue("hook")
        self._context = ssl.create_default_context(cafile=str(authority.certificate))
        start("webhook", "--secure-port", self._port, "--tls-cert-file", certificate, "--tls-private-key-file", key)
        wait_until("the webhook being ready", lambda: self.call("GET", "/readyz", b"")[0] == 200, 20)

    def call(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        request = urllib.request.Request(f"https://127.0.0.1:{self._port}{path}", body if method == "POST" else None, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=10, context=self._context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def review(self, path: str, operation: str, spec: dict) -> dict:
        resource = {"group": "servicecatalog.k8s.io", "version": "v1beta1"}
        instance = {"apiVersion": API, "kind": "ServiceInstance", "metadata": {"name": "one", "namespace": "default"}, "spec": spec}
        request = {
            "uid": str(uuid.uuid4()), "operation": operation, "name": "one", "namespace": "default", "object": instance,
            "kind": {**resource, "kind": "ServiceInstance"}, "resource": {**resource, "resource": "serviceinstances"},
            "userInfo": {"username": "jane", "groups": ["developers"]},
        }  # fmt: skip
        body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        status, text = self.call("POST", path, json.dumps(body).encode())
        assert status == 200, text
        response = json.loads(text)["response"]
        assert response["uid"] == request["uid"]
        return response


def test_the_webhook_admits_over_https(api_server, start, tmp_path):
    webhook = Webhook(tmp_path, start)
    wanted = {"clusterServiceClassExternalName": "s3", "clusterServicePlanExternalName": "production"}
    mutated = webhook.review("/mutate", "CREATE", wanted)
    assert mutated["allowed"] is True
    assert mutated["patchType"] == "JSONPatch"
    patch = json.loads(base64.b64decode(mutated["patch"]))
    text = json.dumps(patch)
    assert "externalID" in text
    assert "jane" in text, "who asked is told to the broker later"
    assert "kubernetes-incubator/service-catalog" in text, "the finalizer that deletion waits for"

    assert webhook.review("/validate", "CREATE", wanted)["allowed"] is True
    refused = webhook.review("/validate", "CREATE", {"clusterServicePlanExternalName": "production"})
    assert refused["allowed"] is False
    assert "class" in refused["status"]["message"].lower()

    for body in (b"", b"{", b"[]", b'{"kind": "AdmissionReview"}', b"[" * 100_000):
        status, text = webhook.call("POST", "/mutate", body)
        assert status == 400, text
        assert text.strip()
    assert webhook.call("GET", "/mutate", b"")[0] == 405
    assert webhook.call("POST", "/elsewhere", b"{}")[0] == 404


def test_a_webhook_without_its_certificate_says_so(bin_dir, api_server, tmp_path):
    done = subprocess.run(
        [bin_dir / "service-catalog", "webhook", "--kubeconfig", api_server.kubeconfig, "--tls-cert-file", tmp_path / "none.crt",
         "--tls-private-key-file", tmp_path / "none.key"],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "none.crt" in done.stdout + done.stderr
