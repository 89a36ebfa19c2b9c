"""The walkthrough with pods, in its order. Each test goes on where the one before it ended."""

import json

import pytest
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.stack import BROKER_NAME, BROKER_NAMESPACE
from installed import CATALOG, NAMESPACE

RELEASES = {CATALOG: CATALOG, BROKER_NAME: BROKER_NAMESPACE}  # and their namespaces
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
