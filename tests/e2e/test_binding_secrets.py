"""The Secret of a binding: what is in it, that it is kept, and that nobody's else is touched."""

import base64
import json

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import BINDING, catalog
from manifests import manifest

CREDENTIALS = {"username": "ann", "password": "p@ss/word", "server": {"host": "db.example.com", "ports": [5432]}}


@pytest.fixture
def broker(broker):
    broker.answer("GET", "/v2/catalog", 200, catalog(broker.name, bindings_retrievable=True))
    for method in ("PUT", "GET"):
        broker.answer(method, BINDING, 201 if method == "PUT" else 200, {"credentials": CREDENTIALS})
    return broker


@pytest.fixture
def kubectl(kubectl, broker):
    """With a Ready instance of the broker's class."""
    apply(kubectl, "ServiceBroker", "broker", {"url": broker.url})
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")
    apply(kubectl, "ServiceInstance", "instance", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"})
    kubectl("wait", "--for=condition=Ready", "serviceinstance/instance", "--timeout=30s")
    yield kubectl
    for kind in ("servicebinding", "serviceinstance", "servicebroker"):
        kubectl("delete", kind, "--all", "--timeout=60s")


def apply(kubectl, kind: str, name: str, spec: dict, **options) -> str:
    return kubectl("apply", "-f", "-", stdin=manifest(kind, name, spec), **options)


def bind(kubectl, **spec) -> None:
    apply(kubectl, "ServiceBinding", "binding", {"instanceRef": {"name": "instance"}, **spec})


def bound(kubectl, **spec) -> None:
    bind(kubectl, **spec)
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=30s")


def secret(kubectl) -> dict | None:
    shown = kubectl("get", "secret/binding", "--ignore-not-found", "-o", "json")
    if not shown:
        return None
    return {key: base64.b64decode(value).decode() for key, value in json.loads(shown)["data"].items()}


def status(kubectl) -> dict:
    return json.loads(kubectl("get", "servicebinding/binding", "-o", "json")).get("status", {})


def ready(kubectl) -> dict:
    conditions = {one["type"]: one for one in status(kubectl).get("conditions", [])}
    return conditions.get("Ready", {"reason": "", "message": ""})


def test_transforms_make_the_keys_that_an_application_wants(kubectl):
    kubectl("create", "secret", "generic", "extra", "--from-literal=region=here")
    transforms = [
        {"addKey": {"key": "host", "jsonPathExpression": "{.server.host}"}},
        {"addKey": {"key": "address", "jsonPathExpression": "{.server.host}:{.server.ports[0]}"}},
        {"addKey": {"key": "url", "template": "postgres://{{username}}:{{ password | urlencode }}@{{host}}/app"}},
        {"addKey": {"key": "mode", "value": base64.b64encode(b"strict").decode()}},
        {"addKeysFrom": {"secretRef": {"name": "extra"}}},
        {"renameKey": {"from": "username", "to": "USER"}},
        {"removeKey": {"key": "server"}},
    ]
    bound(kubectl, secretTransforms=transforms, secretEntries=["type", "provider"])
    shown = secret(kubectl)
    assert shown.pop("type").startswith("class-")
    assert shown == {
        "USER": "ann",
        "password": "p@ss/word",
        "host": "db.example.com",
        "address": "db.example.com:5432",
        "url": "postgres://ann:p%40ss%2Fword@db.example.com/app",
        "mode": "strict",
        "region": "here",
        "provider": "broker",
    }
    assert status(kubectl)["binding"] == {"name": "binding"}
    kubectl("patch", "secret", "extra", "--type=merge", "-p", '{"stringData":{"region":"there"}}')
    wait_until("the changed Secret being taken over", lambda: secret(kubectl)["region"] == "there", 20)
    assert "p@ss" not in kubectl("get", "servicebinding,events", "-o", "yaml")


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ({"addKey": {"key": "a", "template": "{{username"}}, "spec.secretTransforms[0].addKey.template"),
        ({"addKey": {"key": "a", "jsonPathExpression": "{.a["}}, "spec.secretTransforms[0].addKey.jsonPathExpression"),
    ],
)
def test_a_transform_that_cannot_be_read_is_refused(kubectl, transform, message):
    refusal = apply(
        kubectl, "ServiceBinding", "binding", {"instanceRef": {"name": "instance"}, "secretTransforms": [transform]}, check=False
    )
    assert message in refusal


def test_a_transform_that_finds_nothing_names_the_key_and_no_value(kubectl):
    bind(kubectl, secretTransforms=[{"addKey": {"key": "url", "template": "{{host}}:{{username}}"}}])
    wait_until("the missing key being told", lambda: 'there is no key "host"' in ready(kubectl)["message"], 20)
    assert ready(kubectl)["reason"] == "ErrorInjectingBindResult"
    assert "ann" not in ready(kubectl)["message"]


def test_a_deleted_secret_is_made_again_and_an_edited_one_restored(kubectl, broker):
    bound(kubectl)
    before = secret(kubectl)
    kubectl("delete", "secret/binding")
    wait_until("the Secret being there again", lambda: secret(kubectl) == before, 20)
    kubectl("patch", "secret/binding", "--type=merge", "-p", '{"stringData":{"username":"eve","more":"x"}}')
    wait_until("the Secret being restored", lambda: secret(kubectl) == before, 30)
    owner = json.loads(kubectl("get", "secret/binding", "-o", "json"))["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("ServiceBinding", "binding", True)
    assert broker.count("PUT", BINDING) == 1
    assert broker.count("DELETE", BINDING) == 0


def test_a_foreign_secret_is_never_overwritten(kubectl):
    kubectl("create", "secret", "generic", "binding", "--from-literal=mine=mine")
    bind(kubectl)
    wait_until("the foreign Secret being named", lambda: "/binding" in ready(kubectl)["message"], 20)
    assert ready(kubectl)["reason"] == "ErrorInjectingBindResult"
    assert secret(kubectl) == {"mine": "mine"}
    kubectl("delete", "secret/binding")
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=30s")


def test_an_asynchronous_bind_is_polled_and_its_credentials_fetched(kubectl, broker):
    broker.answer("PUT", BINDING, 202, {"operation": "b-1"})
    broker.answer("GET", BINDING + "/last_operation", 200, {"state": "in progress"})
    bind(kubectl)
    wait_until("the broker being asked", lambda: broker.count("GET", BINDING + "/last_operation") > 1, 20)
    assert ready(kubectl)["reason"] == "Binding"
    broker.answer("GET", BINDING + "/last_operation", 200, {"state": "succeeded"})
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=30s")
    assert secret(kubectl)["username"] == "ann"
    broker.answer("DELETE", BINDING, 202, {"operation": "u-1"})
    kubectl("delete", "servicebinding/binding", "--timeout=30s")
    assert secret(kubectl) is None


def test_a_binding_whose_broker_refuses_is_abandoned_and_tells_what_stays_behind(kubectl, broker):
    bound(kubectl)
    broker.answer("DELETE", BINDING, 500, {"description": "out of order"})
    kubectl("delete", "servicebinding/binding", "--wait=false")
    wait_until("the refusal being told", lambda: "out of order" in ready(kubectl)["message"], 20)
    external_id = kubectl("get", "servicebinding/binding", "-o", "jsonpath={.spec.externalID}")
    kubectl("annotate", "servicebinding/binding", "servicecatalog.k8s.io/abandon=true")
    kubectl("wait", "--for=delete", "servicebinding/binding", "--timeout=20s")
    assert secret(kubectl) is None
    told = ("get", "events", "--field-selector", "reason=Abandoned", "-o", "jsonpath={.items[*].message}")
    wait_until("the Event naming what stays behind", lambda: external_id in kubectl(*told), 10)


def test_a_retained_binding_leaves_its_credentials_at_the_broker(kubectl, broker):
    bound(kubectl)
    kubectl("annotate", "servicebinding/binding", "servicecatalog.k8s.io/retain=true")
    kubectl("delete", "servicebinding/binding", "--timeout=20s")
    assert secret(kubectl) is None
    assert broker.count("DELETE", BINDING) == 0
