"""The walkthrough with the charts: what it says of a cluster, which the local control plane has no node for."""

import contextlib
import json
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from chandlery_dev.node import NAME
from chandlery_dev.processes import REPOSITORY, Process, free_port, wait_until
from chandlery_dev.shell import Stopwatch, expect
from chandlery_dev.stack import BROKER_NAME, BROKER_NAMESPACE, REGION
from chandlery_dev.walkthrough import NAMESPACE, SAMPLES, Walkthrough

CATALOG = "catalog"
CHARTS = REPOSITORY / "deploy/charts"


class Installed(Walkthrough):
    def __init__(self, stack, helm: Path):
        super().__init__(stack, show=False)
        self._helm = helm

    def helm(self, *arguments: str) -> str:
        return self.shell.run(str(self._helm), *arguments)

    def catalog(self) -> None:
        self.helm("install", CATALOG, str(CHARTS / "catalog"), "--namespace", CATALOG, "--create-namespace", "--wait", "--timeout", "60s")

    def broker(self) -> None:
        access_key, secret_key = self.stack.prepare_account()
        watch = Stopwatch()
        keys = [f"aws.region={REGION}", f"aws.accesskeyid={access_key}", f"aws.secretkey={secret_key}"]
        sets = [part for value in (*keys, f"aws.endpointUrl={self.stack.emulator.url}") for part in ("--set", value)]
        chart = str(CHARTS / "aws-servicebroker")
        self.helm("install", BROKER_NAME, chart, "--namespace", BROKER_NAMESPACE, "--create-namespace", "--wait", "--timeout", "60s", *sets)
        self._wait_ready(f"clusterservicebroker/{BROKER_NAME}")
        print(f"\nfrom helm install to a Ready broker: {watch.seconds():.2f} s")
        row = self._kubectl("get", "ClusterServiceBrokers").splitlines()[1].split()
        expect("the broker's row", row[:3], [BROKER_NAME, f"https://{BROKER_NAME}.{BROKER_NAMESPACE}.svc.cluster.local", "Ready"])

    def start_application(self) -> None:
        """Its Deployment as the sample has it, and where AWS is."""
        self._kubectl("apply", "-f", str(SAMPLES / "namespace.yaml"), "-f", str(SAMPLES / "cluster/application.yaml"))
        self._kubectl("set", "env", "deployment/s3-demo", "-n", NAMESPACE, f"AWS_ENDPOINT_URL={self.stack.emulator.url}")

    def apply_instance(self) -> None:
        self._kubectl("apply", "-f", str(SAMPLES / "namespace.yaml"))
        self._kubectl("apply", "-f", str(SAMPLES / "instance.yaml"))

    def wait_provisioned(self) -> dict:
        """With a stack, and no other."""
        self._wait_ready("serviceinstance/s3-bucket")
        instance = self.stack.get("serviceinstance/s3-bucket", "-n", NAMESPACE)
        self._check_provisioned(instance)
        expect("its stacks", self.stacks_of(instance), [self._stack_name(instance)])
        expect("the stacks of class s3", [name for name in self._stacks() if "-s3-" in name], [self._stack_name(instance)])
        return instance

    def wait_for_a_stack(self) -> None:
        wait_until("a stack", lambda: any("-s3-" in name for name in self._stacks()), 60)

    def pods(self, namespace: str) -> list[dict]:
        return self.stack.get("pods", "-n", namespace)["items"]

    def containers(self) -> dict[str, bool]:
        """Of our pods, by their ids: whether each is ready."""
        pods = [*self.pods(CATALOG), *self.pods(BROKER_NAMESPACE)]
        return {each.get("containerID", ""): each["ready"] for pod in pods for each in pod["status"]["containerStatuses"]}

    def secrets(self, namespace: str) -> dict[str, dict]:
        """But helm's own."""
        secrets = self.stack.get("secrets", "-n", namespace)["items"]
        return {each["metadata"]["name"]: each["data"] for each in secrets if not each["type"].startswith("helm.sh/")}

    def wait_rolled_out(self) -> None:
        for namespace in (CATALOG, BROKER_NAMESPACE):
            deployments = self._kubectl("get", "deployments", "-n", namespace, "-o", "name").split()
            for each in deployments:
                self._kubectl("rollout", "status", each, "-n", namespace, "--timeout=90s")

    def memory(self) -> dict[str, int]:
        """Bytes that each of our pods takes, without what the kernel can take back: as the kubelet finds it after this call, not before."""
        called = datetime.now(UTC)
        count = len(self.pods(CATALOG)) + len(self.pods(BROKER_NAMESPACE))

        def told() -> dict[str, int]:
            summary = json.loads(self._kubectl("get", "--raw", f"/api/v1/nodes/{NAME}/proxy/stats/summary"))
            pods = [each for each in summary["pods"] if each["podRef"]["namespace"] in (CATALOG, BROKER_NAMESPACE)]
            new = [each for each in pods if datetime.fromisoformat(each["memory"]["time"]) > called]
            return {each["podRef"]["name"]: each["memory"]["workingSetBytes"] for each in new} if len(new) == count else {}

        return wait_until("the kubelet looking at each pod", told, 60, 1)

    def _stacks(self) -> list[str]:
        stacks = self.stack.emulator.client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackName"] for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"]

    @contextlib.contextmanager
    def _application(self, _command: list[str]):
        """In its pod, with what its Secret has by now."""
        self._kubectl("rollout", "restart", "deployment/s3-demo", "-n", NAMESPACE)
        self._kubectl("rollout", "status", "deployment/s3-demo", "-n", NAMESPACE, "--timeout=60s")
        port = free_port()
        forward = ["kubectl", "port-forward", "-n", NAMESPACE, "service/s3-demo", f"{port}:80"]
        process = Process("kubectl port-forward", forward, self.stack.folder / "port-forward.log", self.shell.environment).start()
        try:
            with wait_until("the application answering", lambda: process.check() or _get(port), 30) as answer:
                yield json.load(answer)
        finally:
            process.stop()


def _get(port: int):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
