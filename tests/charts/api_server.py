"""A real Kubernetes API server, without nodes, and what the tests install on it."""

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chandlery_dev.cluster import Cluster
from chandlery_dev.processes import free_port, wait_until

INSTANCE = {
    "apiVersion": "servicecatalog.k8s.io/v1beta1",
    "kind": "ServiceInstance",
    "metadata": {"name": "precious", "namespace": "default"},
    "spec": {"clusterServiceClassExternalName": "s3", "clusterServicePlanExternalName": "production"},
}
# No pod runs here: nobody would answer for the webhook.
CATALOG = ("--set", "webhook.failurePolicy=Ignore", "--set", "webhook.timeoutSeconds=1")
KEYS = ("--set", "aws.region=us-east-1", "--set", "aws.accesskeyid=AKIAIOSFODNN7EXAMPLE", "--set", "aws.secretkey=secret")


class Server:
    """helm and kubectl for one API server."""

    def __init__(self, helm: Path, kubeconfig: Path):
        self._helm = helm
        self.kubeconfig = kubeconfig

    def helm(self, *arguments: str, check: bool = True) -> str:
        return self._run(self.helm_command(*arguments), check=check)

    def helm_command(self, *arguments: str) -> list[str]:
        return [str(self._helm), "--kubeconfig", str(self.kubeconfig), *map(str, arguments)]

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        return self._run(["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments], stdin, check)

    def get(self, *arguments: str) -> dict:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def delete_kinds(self) -> None:
        """kube-apiserver may forget a kind that it deletes until its next resync, 5 minutes later: where its first attempt fails ("storage is
        (re)initializing", of a kind that nobody has asked for yet) and its second finds what the first has written not yet in its cache.
        A change of the kind reminds it."""
        kinds = ("crd", "-l", "svcat=true")
        self.kubectl("delete", *kinds, "--wait=false")
        turns = itertools.count()

        def gone() -> bool:
            left = self.get(*kinds)["items"]
            if left:
                self.kubectl("annotate", *kinds, "--overwrite", f"reminded={next(turns)}", check=False)
            return not left

        wait_until("the catalog's kinds being deleted", gone, 90, interval=2)

    def _run(self, command: list[str], stdin: str | None = None, check: bool = True) -> str:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@contextmanager
def started_server(helm: Path, folder: Path) -> Iterator[Server]:
    """With nothing in it."""
    cluster = Cluster(folder / "cluster", folder / "kubeconfig", free_port())
    try:
        cluster.start_kubernetes()
        yield Server(helm, folder / "kubeconfig")
    finally:
        cluster.stop()
