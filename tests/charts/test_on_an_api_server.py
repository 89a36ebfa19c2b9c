"""The charts on a real Kubernetes API server, without nodes: everything is accepted, upgraded, rolled back and taken away again."""

import base64
import json
import subprocess
from collections.abc import Iterator

import pytest
import yaml
from api_server import CATALOG, INSTANCE, KEYS, Server
from rendered_chart import CHARTS, Chart


@pytest.fixture
def release(server) -> Iterator[Server]:
    """Both charts, installed; whatever is left of them goes with the test."""
    server.helm("install", "catalog", str(CHARTS / "catalog"), "-n", "catalog", "--create-namespace", *CATALOG)
    server.kubectl("wait", "--for=condition=Established", "crd", "-l", "svcat=true", "--timeout=30s")
    server.helm("install", "aws-servicebroker", str(CHARTS / "aws-servicebroker"), "-n", "aws-sb", "--create-namespace", *KEYS)
    yield server
    server.helm("uninstall", "aws-servicebroker", "-n", "aws-sb", "--ignore-not-found")
    server.helm("uninstall", "catalog", "-n", "catalog", "--ignore-not-found")
    server.delete_kinds()
    server.kubectl("delete", "secret", "aws-servicebroker-encryption-key", "-n", "aws-sb")


def test_the_broker_says_that_the_catalog_must_come_first(server):
    said = server.helm("install", "early", str(CHARTS / "aws-servicebroker"), *KEYS, check=False)
    assert "install the chart catalog first" in said
    assert "early" not in server.helm("list", "-A")


@pytest.mark.parametrize("settings", [(), ("webhook.replicas=1", "crds.keep=false", "rbac.aggregate=false")], ids=["defaults", "others"])
def test_the_server_takes_every_object_without_an_unknown_field(server, helm, settings):
    rendered = Chart(helm, "catalog", "catalog", "default").render(*settings)
    # Not those that need what nobody has made before: an instance its kind, a pod its service account.
    text = yaml.safe_dump_all(each for each in rendered if each["kind"] not in ("ServiceInstance", "Pod"))
    server.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=text)


def test_certificates_and_keys_are_kept_by_an_upgrade(release):
    def secrets() -> dict:
        certificate = release.get("secret", "aws-servicebroker-cert", "-n", "aws-sb")["data"]
        key = release.get("secret", "aws-servicebroker-encryption-key", "-n", "aws-sb")["data"]
        return {**certificate, **key}

    before = secrets()
    release.helm("upgrade", "aws-servicebroker", str(CHARTS / "aws-servicebroker"), "-n", "aws-sb", *KEYS, "--set", "replicas=3")
    assert release.get("deployment", "aws-servicebroker", "-n", "aws-sb")["spec"]["replicas"] == 3
    assert secrets() == before
    assert release.get("clusterservicebroker", "aws-servicebroker")["spec"]["caBundle"] == before["ca.crt"]
    release.helm("rollback", "aws-servicebroker", "1", "-n", "aws-sb")
    assert release.get("deployment", "aws-servicebroker", "-n", "aws-sb")["spec"]["replicas"] == 2
    assert secrets() == before


def test_an_upgrade_changes_the_kinds_and_leaves_the_objects(release, tmp_path):
    release.kubectl("create", "-f", "-", stdin=json.dumps(INSTANCE))
    subprocess.run(["cp", "-rL", CHARTS / "catalog", tmp_path / "catalog"], check=True)
    changed = tmp_path / "catalog/files/crds/serviceinstances.yaml"
    changed.write_text(changed.read_text().replace("listKind: ServiceInstanceList", "listKind: ServiceInstanceList\n    shortNames: [precious]"))
    release.helm("upgrade", "catalog", str(tmp_path / "catalog"), "-n", "catalog", *CATALOG)
    names = release.get("crd", "serviceinstances.servicecatalog.k8s.io")["spec"]["names"]
    assert names["shortNames"] == ["precious"]
    uid = release.get("serviceinstance", "precious")["metadata"]["uid"]
    release.helm("rollback", "catalog", "1", "-n", "catalog")
    assert "shortNames" not in release.get("crd", "serviceinstances.servicecatalog.k8s.io")["spec"]["names"]
    assert release.get("serviceinstance", "precious")["metadata"]["uid"] == uid


def test_instances_outlive_the_catalog_and_are_there_when_it_comes_back(release):
    release.kubectl("create", "-f", "-", stdin=json.dumps(INSTANCE))
    uid = release.get("serviceinstance", "precious")["metadata"]["uid"]
    release.helm("uninstall", "catalog", "-n", "catalog")
    assert release.get("serviceinstance", "precious")["metadata"]["uid"] == uid
    said = release.helm("install", "other", str(CHARTS / "catalog"), "-n", "elsewhere", "--create-namespace", *CATALOG, check=False)
    assert "ownership" in said
    release.helm("upgrade", "--install", "catalog", str(CHARTS / "catalog"), "-n", "catalog", *CATALOG)
    assert release.get("serviceinstance", "precious")["metadata"]["uid"] == uid


def test_the_key_of_the_records_outlives_the_broker(release):
    before = release.get("secret", "aws-servicebroker-encryption-key", "-n", "aws-sb")["data"]
    release.helm("uninstall", "aws-servicebroker", "-n", "aws-sb")
    release.helm("install", "aws-servicebroker", str(CHARTS / "aws-servicebroker"), "-n", "aws-sb", *KEYS)
    assert release.get("secret", "aws-servicebroker-encryption-key", "-n", "aws-sb")["data"] == before
    assert len(base64.b64decode(before["encryption.key"])) == 32


def test_people_get_the_catalogs_part_by_their_roles_in_a_namespace(release):
    release.kubectl("create", "rolebinding", "jane", "--clusterrole=edit", "--user=jane", "-n", "default")
    as_jane = ("auth", "can-i", "-n", "default", "--as=jane")

    def can(verb: str, resource: str) -> bool:
        return release.kubectl(*as_jane, verb, f"{resource}.servicecatalog.k8s.io", check=False).splitlines()[-1] == "yes"

    release.kubectl("wait", "--for=jsonpath={.rules}", "clusterrole/edit", "--timeout=20s")
    assert can("create", "serviceinstances")
    assert can("delete", "servicebindings")
    assert not can("abandon", "serviceinstances")
    assert not can("adopt", "serviceinstances")
    assert not can("create", "servicebrokers")
    release.kubectl("delete", "rolebinding", "jane", "-n", "default")
