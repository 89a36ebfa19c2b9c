"""The whole set-up on one machine: emulator, prerequisites, broker, control plane, all on 127.0.0.1."""

import base64
import functools
import json
import os
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

from .certificates import CertificateAuthority
from .cluster import Cluster
from .emulator import REGION, Emulator
from .ports import check_port, lasting_port
from .processes import REPOSITORY, Failure, Process, answers_ok, bin_dir, free_port, wait_until

PREREQUISITES_STACK = "aws-service-broker-prerequisites"
PREREQUISITES = REPOSITORY / "deploy/prerequisites.yaml"
BROKER_NAME = "aws-servicebroker"
BROKER_NAMESPACE = "aws-sb"


class Settings:
    """Ports and passwords that stay the same from one start to the next, in a file that only its owner can read."""

    def __init__(self, file: Path):
        self._file = file
        self._values: dict = {}
        if file.exists():
            try:
                self._values = dict(json.loads(file.read_text()))
            except (OSError, TypeError, ValueError) as error:
                raise Failure(f"{file} cannot be read ({error}): repair it, or remove it to have new ports and passwords made") from error

    def find(self, name: str):
        return self._values.get(name)

    def get(self, name: str, make):
        if name not in self._values:
            value = make()
            new = self._file.with_suffix(".new")  # a full disk must not cost the ones that are there
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            new.write_text(json.dumps({**self._values, name: value}))
            new.replace(self._file)
            self._values[name] = value
        return self._values[name]


class LocalControlPlane(Process):
    """`service-catalog local`."""

    def __init__(self, folder: Path, kubeconfig: Path, port: int):
        command: list[object] = [bin_dir() / "service-catalog", "local", "--data-dir", folder]
        command += ["--address", "127.0.0.1", "--port", port, "--kubeconfig", kubeconfig]
        super().__init__("service-catalog local", command, folder.with_suffix(".log"))
        self._command = self.command
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._url = f"https://127.0.0.1:{port}"

    def start(self, controllers: bool = True) -> "LocalControlPlane":
        self.command = [*self._command, *([] if controllers else ["--no-controllers"])]
        super().start()
        wait_until(f"{self.name} being ready", self._is_ready, 20)
        return self

    def kubeconfig_of(self, _program: str) -> Path:
        """It tells no users apart."""
        return self._kubeconfig

    def _is_ready(self) -> bool:
        self.check()
        return answers_ok(f"{self._url}/readyz", self._folder / "ca.crt")


CONTROL_PLANES: dict[str, type[LocalControlPlane] | type[Cluster]] = {"local": LocalControlPlane, "cluster": Cluster}


class Stack:
    address = "127.0.0.1"  # of the emulator

    def __init__(self, folder: Path, persist: bool = False, store: str = "dynamodb:awssb"):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings = Settings(folder / "settings.json")
        choose_port = lasting_port if persist else free_port
        self.emulator = Emulator(folder, self.settings.get("emulator_port", choose_port), persist, self.address)
        self.broker_port = self.settings.get("broker_port", choose_port)
        self.api_port = self.settings.get("api_port", choose_port)
        self.broker_url = f"https://127.0.0.1:{self.broker_port}"
        self.kubeconfig = folder / "kubeconfig"
        self._password = self.settings.get("broker_password", lambda: secrets.token_urlsafe(24))
        self._store = store
        self.broker: Process | None = None
        self.control_plane: LocalControlPlane | Cluster | None = None
        self._is_registered = False

    # --- parts, each of which may be started again after it was killed

    def start_broker(self, access_key: str, secret_key: str) -> None:
        certificate, key = CertificateAuthority(self.folder, "broker-ca").issue("broker")
        env = self.emulator.environment(access_key, secret_key)
        env |= {"SECURITY_USER_NAME": "broker", "SECURITY_USER_PASSWORD": self._password}
        command = [bin_dir() / "aws-servicebroker", "--address", "127.0.0.1", "--port", self.broker_port]
        command += ["--tls-cert-file", certificate, "--tls-private-key-file", key]
        command += ["--enable-basic-auth", "--store", self._store, "--data-dir", self.folder / "broker"]
        self.broker = Process("aws-servicebroker", command, self.folder / "broker.log", env).start()
        wait_until("aws-servicebroker being ready", self._broker_is_ready, 20)

    def start_control_plane(self, controllers: bool = True) -> None:
        kind = CONTROL_PLANES[os.environ.get("CHANDLERY_CONTROL_PLANE", "local")]
        self.control_plane = kind(self.folder / "control-plane", self.kubeconfig, self.api_port)
        self.control_plane.start(controllers)

    def check_ports(self) -> None:
        """None of them may be somebody else's."""
        file = self.folder / "settings.json"
        for port, of in ((self.emulator.port, "the AWS emulator"), (self.broker_port, "aws-servicebroker"), (self.api_port, "the control plane")):
            check_port(port, of, file)

    def ended(self) -> list[Process]:
        """The parts that were started and have ended, in the order in which the later ones need the earlier ones."""
        parts = [part for part in (self.emulator.process, self.broker, self.control_plane) if isinstance(part, Process)]
        return [part for part in parts if part.was_started() and not part.is_running()]

    def stop(self) -> None:
        for part in (self.control_plane, self.broker):
            if part is not None:
                part.stop()
        self.emulator.stop()

    # --- for scripts and tests

    def start(self) -> "Stack":
        """Everything that is not running, and the broker registered and Ready."""
        if not self.emulator.process.is_running():
            self.emulator.start()
        access_key, secret_key = self.prepare_account()
        if self.broker is None or not self.broker.is_running():
            self.start_broker(access_key, secret_key)
        if self.control_plane is None or self.control_plane in self.ended():
            self.start_control_plane()
        if not self._is_registered:
            self.register_broker()
            self._is_registered = True
        return self

    def prepare_account(self) -> tuple[str, str]:
        """The prerequisites stack and keys of its user; made once."""
        cloudformation = self.emulator.client("cloudformation")
        try:
            cloudformation.describe_stacks(StackName=PREREQUISITES_STACK)
        except cloudformation.exceptions.ClientError:
            cloudformation.create_stack(
                StackName=PREREQUISITES_STACK, TemplateBody=PREREQUISITES.read_text(), Capabilities=["CAPABILITY_IAM"]
            )
        stack = wait_until("the prerequisites stack being complete", lambda: self._complete_prerequisites(cloudformation), 60)
        user = stack["Outputs"][0]["OutputValue"]
        policy = cloudformation.describe_stack_resource(StackName=PREREQUISITES_STACK, LogicalResourceId="BrokerPolicy")
        self.emulator.grant_by_tag(policy["StackResourceDetail"]["PhysicalResourceId"], "awsservicebroker")

        def make_key() -> list[str]:
            key = self.emulator.client("iam").create_access_key(UserName=user)["AccessKey"]
            return [key["AccessKeyId"], key["SecretAccessKey"]]

        access_key, secret_key = self.settings.get("broker_keys", make_key)
        return access_key, secret_key

    def broker_manifest(self) -> str:
        """Namespace, Secret and ClusterServiceBroker, for kubectl apply."""
        secret_ref = {"name": "aws-servicebroker-credentials", "namespace": BROKER_NAMESPACE}
        ca = base64.b64encode((self.folder / "broker-ca.crt").read_bytes()).decode()
        items = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": BROKER_NAMESPACE}},
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": secret_ref,
                "stringData": {"username": "broker", "password": self._password},
            },
            {
                "apiVersion": "servicecatalog.k8s.io/v1beta1",
                "kind": "ClusterServiceBroker",
                "metadata": {"name": BROKER_NAME},
                "spec": {"url": self.broker_url, "caBundle": ca, "authInfo": {"basic": {"secretRef": secret_ref}}},
            },
        ]
        return "\n".join(json.dumps(item) for item in items)

    def register_broker(self) -> None:
        self.kubectl("apply", "-f", "-", stdin=self.broker_manifest())
        self.kubectl("wait", "--for=condition=Ready", "--timeout=30s", f"clusterservicebroker/{BROKER_NAME}")

    def environment(self) -> dict[str, str]:
        """Of a shell that talks to both."""
        cache = {"KUBECACHEDIR": str(self.folder / "kube-cache")}
        path = {"PATH": f"{bin_dir()}:{os.environ.get('PATH', '')}"}
        return {**os.environ, **self.emulator.environment(), **cache, **path, "KUBECONFIG": str(self.kubeconfig)}

    def in_namespace(self, namespace: str) -> Callable[..., str]:
        """kubectl there."""
        return functools.partial(self.kubectl, "-n", namespace)

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        done = subprocess.run(
            ["kubectl", *arguments], input=stdin, env=self.environment(), capture_output=True, text=True, timeout=120, check=False
        )
        if check and done.returncode != 0:
            raise Failure(f"kubectl {' '.join(arguments)} failed: {done.stderr}")
        return done.stdout if done.returncode == 0 else done.stdout + done.stderr

    def get(self, *arguments: str) -> dict:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def secrets_in(self, text: str) -> list[str]:
        """Which of the set-up's own secrets a text shows."""
        known = {"the broker's password": self._password}
        if keys := self.settings.find("broker_keys"):
            known["the broker's secret key"] = keys[1]
        token = self.folder / "control-plane/admin.token"
        if token.exists():
            known["the administrator's token"] = token.read_text().strip()
        return [name for name, secret in known.items() if secret in text]

    # --- private

    def _complete_prerequisites(self, cloudformation) -> dict | None:
        stack = cloudformation.describe_stacks(StackName=PREREQUISITES_STACK)["Stacks"][0]
        return stack if stack["StackStatus"] == "CREATE_COMPLETE" else None

    def _broker_is_ready(self) -> bool:
        assert self.broker is not None
        self.broker.check()
        return answers_ok(f"{self.broker_url}/readyz", self.folder / "broker-ca.crt")


__all__ = ["REGION", "Stack", "Settings", "bin_dir", "BROKER_NAME", "PREREQUISITES", "PREREQUISITES_STACK"]
