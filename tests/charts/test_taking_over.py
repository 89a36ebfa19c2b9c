"""The chart catalog where the kinds of service-catalog v0.3.1, or of a fork, are there already: it says what to do, and that works."""

import json

import yaml
from api_server import CATALOG, INSTANCE
from chandlery_dev.cluster import CRDS
from chandlery_dev.processes import wait_until
from rendered_chart import CHARTS

INSTALL = ("upgrade", "--install", "catalog", str(CHARTS / "catalog"), "-n", "catalog", "--create-namespace", *CATALOG)
OLD_INSTANCE = {
    **INSTANCE,
    "metadata": {**INSTANCE["metadata"], "finalizers": ["kubernetes-incubator/service-catalog"]},
    "spec": {**INSTANCE["spec"], "externalID": "id-of-precious", "updateRequests": 0},
}


def kinds_of_old() -> list[dict]:
    """As v1 shows those of v0.3.1, which had no schema."""
    made = []
    for file in sorted(CRDS.glob("*.yaml")):
        kind = yaml.safe_load(file.read_text())
        (version,) = kind["spec"]["versions"]
        old = {name: version[name] for name in ("name", "served", "storage", "subresources")}
        old["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        kind["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved"}
        made.append({**kind, "spec": {**kind["spec"], "versions": [old]}})
    return made


def test_the_kinds_of_the_old_catalog_are_taken_over_as_the_chart_says(server):
    server.kubectl("create", "-f", "-", stdin="\n".join(map(json.dumps, kinds_of_old())))
    server.kubectl("wait", "--for=condition=Established", "crd", "-l", "svcat=true", "--timeout=30s")
    wait_until("an instance being taken", lambda: server.kubectl("create", "-f", "-", stdin=json.dumps(OLD_INSTANCE)), 20)
    before = server.get("serviceinstance", "precious")
    kinds = server.get("crd", "-l", "svcat=true")["items"]

    for flags in ((), ("--take-ownership",)):
        said = server.helm(*INSTALL, *flags, check=False)
        assert "this cluster has the kinds of another Service Catalog (ClusterServiceBroker, " in said
        assert "docs/moving-from-service-catalog.md" in said
        assert "kubectl replace -f deploy/crds" in said
        assert "--take-ownership" in said
    assert server.helm("list", "-A", "-q").strip() == ""
    assert server.get("crd", "-l", "svcat=true")["items"] == kinds
    assert server.get("serviceinstance", "precious") == before

    server.kubectl("replace", "-f", str(CRDS))
    assert "invalid ownership metadata" in server.helm(*INSTALL, check=False)
    server.helm(*INSTALL, "--take-ownership")
    taken = server.get("crd", "serviceinstances.servicecatalog.k8s.io")
    assert taken["metadata"]["annotations"]["meta.helm.sh/release-name"] == "catalog"
    assert "properties" in taken["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    after = server.get("serviceinstance", "precious")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["finalizers"] == before["metadata"]["finalizers"]
    assert after["spec"] == before["spec"]

    server.helm(*INSTALL)
