"""A real Kubernetes control plane on 127.0.0.1, with the catalog's programs beside it as a chart would install them.

etcd, kube-apiserver and kube-controller-manager (cluster-tools.sh); our CRDs, the rules that deploy/ gives the programs, the webhook's configuration.
"""

import base64
import json
import os
import secrets
import signal
import subprocess
from pathlib import Path

import yaml

from .certificates import CertificateAuthority
from .processes import REPOSITORY, Process, answers_ok, bin_dir, free_port, wait_until

NAMESPACE = "catalog"  # of the programs
CRDS = REPOSITORY / "deploy/crds"
CHART_FILES = REPOSITORY / "deploy/charts/catalog/files"
# Those that the catalog lives with; the others would look after nodes and pods that are not there.
CONTROLLERS = ("namespace-controller", "garbage-collector-controller", "serviceaccount-controller", "clusterrole-aggregation-controller")
PROGRAMS = ("controller-manager", "webhook")
WEBHOOK_CONFIGURATION = "service-catalog-webhook"


class Cluster:
    """Starts again, with what was stored, after it was stopped or killed. `kubeconfig` is the administrator's."""

    name = "the cluster"
    address = "127.0.0.1"  # of kube-apiserver
    server_names = "IP:127.0.0.1"
    controllers: tuple[str, ...] = CONTROLLERS

    def __init__(self, folder: Path, kubeconfig: Path, port: int):
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._port = port
        self._parts: dict[str, Process] = {}

    # --- as a control plane of the stack

    def start(self, controllers: bool = True) -> None:
        self.start_kubernetes()
        if not all(self.kubeconfig_of(program).exists() for program in PROGRAMS):
            self._install_catalog()
        self._start_webhook()
        if controllers:
            self.start_controllers()

    def stop(self) -> None:
        for part in reversed(self._parts.values()):
            part.stop()
        self._parts.clear()

    def kill(self) -> None:
        """kill -9 of every part, as when the machine goes down."""
        for pid in [part.pid for part in self._parts.values()]:
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def check(self) -> None:
        for part in self._parts.values():
            part.check()

    def output(self) -> str:
        """Of our programs."""
        return "".join((self._folder / f"{program}.log").read_text() for program in PROGRAMS if (self._folder / f"{program}.log").exists())

    def kubeconfig_of(self, program: str) -> Path:
        """A kubeconfig that may do what the chart lets the program do: "controller-manager" or "webhook"."""
        return self._folder / f"{program}.kubeconfig"

    # --- for tests of one part

    def start_kubernetes(self) -> None:
        """Without the catalog: for what installs it."""
        self._make_files()
        etcd, api_server, controller_manager = self._tools("etcd", "kube-apiserver", "kube-controller-manager")
        clients, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        folder = self._folder
        self._start_part(
            "etcd", etcd, "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--log-level", "warn",
            "--listen-client-urls", clients, "--advertise-client-urls", clients,
            "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}",
        )  # fmt: skip
        self._start_part(
            "kube-apiserver", api_server, "--etcd-servers", clients, "--bind-address", self.address, "--secure-port", self._port,
            "--tls-cert-file", folder / "apiserver.crt", "--tls-private-key-file", folder / "apiserver.key", "--cert-dir", folder,
            "--token-auth-file", folder / "tokens.csv", "--authorization-mode", "RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", folder / "service-accounts.key",
            "--service-account-signing-key-file", folder / "service-accounts.key", "--service-cluster-ip-range", "10.96.0.0/16",
            "--kubelet-preferred-address-types", "InternalIP",
        )  # fmt: skip
        ready = f"https://{self.address}:{self._port}/readyz"
        wait_until("kube-apiserver being ready", lambda: self.check() or answers_ok(ready, self._authority.certificate), 60)
        self._start_part(
            "kube-controller-manager", controller_manager, "--kubeconfig", self._kubeconfig, "--leader-elect=false",
            "--controllers", ",".join(self.controllers), "--use-service-account-credentials", "--bind-address", "127.0.0.1",
            "--secure-port", "0", "--service-account-private-key-file", folder / "service-accounts.key",
            "--root-ca-file", self._authority.certificate, "--flex-volume-plugin-dir", folder / "volume-plugins",
        )  # fmt: skip

    def part(self, name: str) -> Process:
        return self._parts[name]

    def start_controllers(self, *flags: str) -> Process:
        port = free_port()
        part = self._start_program("controller-manager", "--port", port, *flags)
        wait_until("the controllers being ready", lambda: part.check() or answers_ok(f"http://127.0.0.1:{port}/readyz"), 30)
        return part

    # --- private

    def _make_files(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._authority = CertificateAuthority(self._folder, "ca")
        self._authority.issue("apiserver", self.server_names)
        self._authority.issue("webhook")
        token, signing_key = self._folder / "admin.token", self._folder / "service-accounts.key"
        if not token.exists():
            self._write("admin.token", secrets.token_urlsafe(24))
            self._write("tokens.csv", f'{token.read_text()},kubernetes-admin,,"system:masters"\n')
            subprocess.run(["openssl", "genrsa", "-out", signing_key, "2048"], check=True, capture_output=True, umask=0o077)
        self._write_kubeconfig(self._kubeconfig, token.read_text())

    def _install_catalog(self) -> None:
        self._kubectl("apply", "--server-side", "-f", str(CRDS))
        self._kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(CRDS))
        kinds = ",".join(file.stem for file in CRDS.glob("*.yaml"))
        wait_until("every kind being readable", lambda: self._kubectl("get", kinds, "-A"), 20)  # a moment after that
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        rules = yaml.safe_load((CHART_FILES / "rules.yaml").read_text())
        self._apply(*(_object("v1", "ServiceAccount", program, NAMESPACE) for program in PROGRAMS))
        for name, granted in rules.items():
            account = next(program for program in PROGRAMS if name.startswith(program))
            self._apply(*_grants(name, account, granted))
        for program in PROGRAMS:
            token = self._kubectl("create", "token", program, "-n", NAMESPACE, "--duration=24h")
            self._write_kubeconfig(self.kubeconfig_of(program), token, NAMESPACE)

    def _start_webhook(self) -> None:
        port = free_port()
        files = ["--tls-cert-file", self._folder / "webhook.crt", "--tls-private-key-file", self._folder / "webhook.key"]
        self._start_program("webhook", "--secure-port", port, *files)
        url = f"https://127.0.0.1:{port}"
        wait_until("the webhook being ready", lambda: self.check() or answers_ok(f"{url}/readyz", self._authority.certificate), 20)
        self._apply(*webhook_configurations(url, self._authority.certificate.read_bytes()))
        wait_until("admission asking the webhook", self._refuses_nonsense, 20)

    def _refuses_nonsense(self) -> bool:
        broker = _object("servicecatalog.k8s.io/v1beta1", "ClusterServiceBroker", "nonsense", spec={"url": "nonsense"})
        return "denied the request" in self._kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(broker), check=False)

    def _start_program(self, program: str, *flags: object) -> Process:
        command = [program, "--kubeconfig", self.kubeconfig_of(program), "--bind-address", "127.0.0.1"]
        return self._start_part(program, bin_dir() / "service-catalog", *command, *flags)

    def _start_part(self, name: str, *command: object) -> Process:
        self._parts[name] = Process(name, command, self._folder / f"{name}.log").start()
        return self._parts[name]

    def _apply(self, *items: dict) -> None:
        self._kubectl("apply", "-f", "-", stdin="\n".join(json.dumps(item) for item in items))

    def _kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        command = ["kubectl", "--kubeconfig", str(self._kubeconfig), "--cache-dir", str(self._folder / "kube-cache"), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(arguments)} failed: {done.stderr}")
        return done.stdout + done.stderr

    def _tools(self, *programs: str) -> list[str]:
        done = subprocess.run([REPOSITORY / "scripts/cluster-tools.sh", *programs], stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.split()

    def _write_kubeconfig(self, path: Path, token: str, namespace: str = "default") -> None:
        cluster = {"server": f"https://{self.address}:{self._port}", "certificate-authority": str(self._authority.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "users": [{"name": "user", "user": {"token": token.strip()}}],
            "contexts": [{"name": "cluster", "context": {"cluster": "cluster", "user": "user", "namespace": namespace}}],
            "current-context": "cluster",
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).touch(mode=0o600)
        (self._folder / name).write_text(text)


def webhook_configurations(url: str, ca_bundle: bytes) -> list[dict]:
    """Where the webhook is, and whom to trust; a self-managed webhook puts another CA in."""
    webhooks = yaml.safe_load((CHART_FILES / "webhooks.yaml").read_text())
    found = []
    for kind, path in (("mutating", "mutate"), ("validating", "validate")):
        client = {"url": f"{url}/{path}", "caBundle": base64.b64encode(ca_bundle).decode()}
        configuration = _object("admissionregistration.k8s.io/v1", f"{kind.capitalize()}WebhookConfiguration", WEBHOOK_CONFIGURATION)
        found.append({**configuration, "webhooks": [{**webhook, "clientConfig": client} for webhook in webhooks[kind]]})
    return found


def _grants(name: str, account: str, rules: dict) -> list[dict]:
    """What lets the service account do what the rules say."""
    authorization = "rbac.authorization.k8s.io"
    subjects = [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}]
    items = []
    for part, (kind, role, namespace) in {
        "cluster": ("ClusterRole", f"catalog:{name}", None),
        "own_namespace": ("Role", name, NAMESPACE),
        "cluster_info": ("Role", "cluster-info", "default"),
    }.items():
        if part in rules:
            reference = {"apiGroup": authorization, "kind": kind, "name": role}
            items.append(_object(f"{authorization}/v1", kind, role, namespace, rules=rules[part]))
            items.append(_object(f"{authorization}/v1", f"{kind}Binding", role, namespace, roleRef=reference, subjects=subjects))
    return items


def _object(api_version: str, kind: str, name: str, namespace: str | None = None, **members) -> dict:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **members}
