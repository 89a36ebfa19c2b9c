"""The walkthrough with pods, in its order, and then what becomes of it in the life of a cluster. Each test goes on where the one before it ended."""

import json

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from chandlery_dev.stack import BROKER_NAME, BROKER_NAMESPACE
from chandlery_dev.walkthrough import NAMESPACE, SAMPLES
from installed import CATALOG, CHARTS

RELEASES = {CATALOG: CATALOG, BROKER_NAME: BROKER_NAMESPACE}  # and their namespaces
UPGRADES = {CATALOG: "controllerManager.logLevel=debug,webhook.logLevel=debug", BROKER_NAME: "brokerconfig.verbosity=5"}
WORKERS = ((CATALOG, "app.kubernetes.io/component=controller-manager"), (BROKER_NAMESPACE, f"app.kubernetes.io/name={BROKER_NAME}"))
CLASSES = json.loads((REPOSITORY / "tests/data/classes.json").read_text())

pytestmark = pytest.mark.usefixtures("installed")


def test_1_the_catalog_is_installed(installed):
    installed.catalog()


def test_2_the_account_is_prepared(installed):
    installed.prerequisites()


def test_3_the_broker_is_installed_and_ready(installed):
    installed.broker()


def test_each_chart_finds_that_it_works(installed):
    for release, namespace in RELEASES.items():
        assert "Phase:          Succeeded" in installed.helm("test", release, "--namespace", namespace, "--timeout", "60s")


def test_the_pods_run_in_little_memory(installed):
    used = installed.memory()
    print(f"\nidle, all pods together: {sum(used.values()) / 2**20:.1f} MiB")
    for name, size in sorted(used.items()):
        print(f"  {name:<60} {size / 2**20:5.1f} MiB")
    assert sum(used.values()) <= 60 * 2**20


def test_4_its_classes_are_there(installed):
    installed.classes()
    listed = installed.stack.get("clusterserviceclasses")["items"]
    assert {each["spec"]["externalName"] for each in listed} >= set(CLASSES)


def test_5_the_application_runs_without_its_secrets(installed):
    installed.start_application()
    installed.application_without_secrets()


def test_6_a_bucket_is_provisioned(installed):
    installed.provision()


def test_7_its_credentials_are_in_a_secret(installed):
    installed.bind()


def test_8_the_application_uses_the_bucket(installed):
    installed.application_with_secrets()


def test_8_a_command_runs_in_its_pod(installed):
    said = installed.stack.kubectl("exec", "-n", NAMESPACE, "deployment/s3-demo", "--", "s3-demo", "--help")
    assert "BUCKET_NAME" in said


def test_9_the_binding_and_the_bucket_go(installed):
    installed.unbind()
    installed.deprovision()


def test_programs_and_pods_killed_in_the_middle_leave_one_stack(installed):
    installed.apply_instance()
    for namespace, selector in WORKERS:
        assert installed.stack.control_plane.kill_containers(namespace, selector) == 2
    installed.wait_for_a_stack()
    for namespace, selector in WORKERS:
        installed.stack.kubectl("delete", "pods", "-n", namespace, "-l", selector, "--force", "--wait=false")
    installed.wait_rolled_out()
    installed.wait_provisioned()


@pytest.mark.parametrize("release", RELEASES)
def test_a_chart_is_upgraded_and_rolled_back(installed, release):
    namespace, chart = RELEASES[release], str(CHARTS / release)
    before = installed.wait_provisioned()
    secrets = installed.secrets(namespace)
    pods = {each["metadata"]["name"] for each in installed.pods(namespace)}
    waiting = ("--namespace", namespace, "--wait", "--timeout", "90s")
    installed.helm("upgrade", release, chart, "--reuse-values", "--set", UPGRADES[release], *waiting)
    installed.wait_rolled_out()
    assert installed.wait_provisioned()["metadata"]["uid"] == before["metadata"]["uid"]
    installed.bind()
    installed.helm("rollback", release, "1", *waiting)
    installed.wait_rolled_out()
    installed.unbind()
    assert installed.wait_provisioned()["spec"] == before["spec"]
    assert installed.secrets(namespace) == secrets
    assert not pods & {each["metadata"]["name"] for each in installed.pods(namespace)}


def test_what_is_ready_stays_so_when_the_machine_restarts(installed):
    before = installed.wait_provisioned()
    containers = installed.containers()
    installed.stack.control_plane.restart()
    wait_until("every container running anew", lambda: all(ready and each not in containers for each, ready in installed.containers().items()), 90)
    binding = ("create", "--dry-run=server", "-f", str(SAMPLES / "binding.yaml"))
    wait_until("the webhook's Service leading to it", lambda: "created" in installed.stack.kubectl(*binding, check=False), 30)
    installed.bind()
    after = installed.wait_provisioned()
    assert after["status"]["conditions"] == before["status"]["conditions"]
    assert after["spec"] == before["spec"]


def test_users_objects_and_kinds_outlive_the_charts(installed):
    before = {each["metadata"]["uid"] for each in installed.stack.get("serviceinstances,servicebindings", "-A")["items"]}
    for release, namespace in reversed(RELEASES.items()):
        installed.helm("uninstall", release, "--namespace", namespace, "--wait", "--timeout", "60s")
    after = {each["metadata"]["uid"] for each in installed.stack.get("serviceinstances,servicebindings", "-A")["items"]}
    assert len(after) == 2
    assert after == before
    assert len(installed.stack.get("crd", "-l", "svcat=true")["items"]) == 8
    for namespace in RELEASES.values():
        wait_until("the pods being gone", lambda namespace=namespace: not installed.pods(namespace), 60)
