"""An installation of the chart catalog that came to no end is repaired by `helm upgrade --install`; a Kubernetes that is too old is refused."""

import json
import subprocess

import pytest
from api_server import CATALOG, Server
from chandlery_dev.processes import wait_until
from rendered_chart import CHARTS, Chart

RELEASE = ("catalog", "-n", "catalog")
INSTALL = ("upgrade", "--install", *RELEASE, str(CHARTS / "catalog"), "--create-namespace", *CATALOG)
# The chart's schema has no opinion on it, the API server has.
REFUSED = ("--set-json", 'webhook.tolerations=[{"key": "spot", "operator": "Perhaps"}]')
# No Deployment becomes ready without nodes.
TOO_SLOW = ("--wait", "--timeout=3s")


def status(server: Server) -> str:
    return json.loads(server.helm("status", *RELEASE, "-o", "json"))["info"]["status"]


@pytest.fixture
def without_release(server) -> Server:
    """As after no installation, or one that was taken away: the kinds may be there."""
    server.helm("uninstall", *RELEASE, "--ignore-not-found")
    return server


@pytest.mark.parametrize(
    ("flags", "says"), [(REFUSED, '"Perhaps"'), (TOO_SLOW, "deadline exceeded")], ids=["refused by the server", "not ready in time"]
)
def test_what_failed_half_way_is_repaired_by_the_next_one(without_release, flags, says):
    server = without_release
    for _ in ("the first installation", "an upgrade"):
        assert says in server.helm(*INSTALL, *flags, "--set", "controllerManager.replicas=3", check=False)
        assert status(server) == "failed"
        server.helm(*INSTALL)
        assert status(server) == "deployed"
        for program, replicas in (("controller-manager", 2), ("webhook", 2)):
            assert server.get("deployment", f"catalog-catalog-{program}", "-n", "catalog")["spec"]["replicas"] == replicas
        wait_until("the kinds being served", lambda: server.get("serviceinstances", "-A"), 20)


def test_where_helm_was_killed_its_own_lock_is_taken_away_first(without_release):
    server = without_release
    for operation, taking_away in (("install", ("uninstall", *RELEASE)), ("upgrade", ("rollback", *RELEASE))):
        with subprocess.Popen(server.helm_command(*INSTALL, "--wait", "--timeout=60s"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as helm:
            wait_until(f"a pending {operation}", lambda pending=f"pending-{operation}": status(server) == pending, 30)
            helm.kill()
        assert "another operation (install/upgrade/rollback) is in progress" in server.helm(*INSTALL, check=False)
        server.helm(*taking_away)
        server.helm(*INSTALL)
        assert status(server) == "deployed"


@pytest.mark.parametrize("chart", ["catalog", "aws-servicebroker"])
def test_a_kubernetes_that_is_too_old_is_named(helm, chart):
    refused = Chart(helm, chart, chart, "default").refusal(flags=("--kube-version", "1.29.9"))
    assert "chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.29.9" in refused
