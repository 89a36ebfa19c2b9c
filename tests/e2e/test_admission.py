"""What kubectl says of objects that are refused: what is wrong, where, and what to do."""

import json
import uuid

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import INSTANCE
from manifests import manifest

PEM = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"  # only how one begins


@pytest.fixture
def broker(broker):
    """A class that keeps its plan, and one whose plan `small` has schemas and can be left for `large`."""
    identity = str(uuid.uuid4())
    create = {
        "type": "object",
        "additionalProperties": False,
        "required": ["Name"],
        "properties": {"Name": {"type": "string"}, "Size": {"type": "integer", "minimum": 1}, "Tags": {"type": "array", "items": {"type": "string"}}},
    }
    update = {"type": "object", "properties": {"Size": {"type": "integer", "minimum": 1}}}
    bind = {"type": "object", "additionalProperties": False, "properties": {"Role": {"enum": ["reader", "writer"]}}}
    schemas = {
        "service_instance": {"create": {"parameters": create}, "update": {"parameters": update}},
        "service_binding": {"create": {"parameters": bind}},
    }
    plans = [
        {"id": f"{identity}-s", "name": "small", "description": "A plan", "schemas": schemas},
        {"id": f"{identity}-l", "name": "large", "description": "A plan"},
    ]
    fixed = [{**each, "id": "fixed-" + each["id"], "schemas": {}} for each in plans]
    service = {"id": identity, "name": broker.name, "description": "A class", "bindable": True, "plan_updateable": True, "plans": plans}
    other = {"id": f"fixed-{identity}", "name": f"{broker.name}-fixed", "description": "A class", "bindable": True, "plans": fixed}
    broker.answer("GET", "/v2/catalog", 200, {"services": [service, other]})
    return broker


@pytest.fixture
def kubectl(kubectl, broker):
    kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")
    return kubectl


def wish(broker, **spec) -> dict:
    return {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small", "parameters": {"Name": "a"}, **spec}


@pytest.fixture
def instance(kubectl, broker):
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", wish(broker)))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
    yield "serviceinstance/i"
    broker.answer("DELETE", INSTANCE, 200, {})
    kubectl("delete", "servicebinding,serviceinstance", "--all", "--timeout=30s")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"parameters": {}}, "spec.parameters: The parameter Name is required."),
        ({"parameters": {"Name": "a", "Sise": 1}}, "The parameter Sise is not available. Did you mean Size?"),
        ({"parameters": {"Name": "a", "Size": 0}}, "The parameter Size must"),
        ({"parameters": {"Name": "a", "Tags": ["x", 7]}}, "The parameter Tags/1 must"),
        ({"parameters": {"Name": "a", "Größe": 1}}, "The parameter Größe is not available"),
        ({"servicePlanExternalName": "smal"}, 'Did you mean "small"?'),
        ({"servicePlanExternalName": None, "servicePlanName": "elsewhere"}, "does not exist"),
        ({"servicePlanExternalName": None, "clusterServicePlanExternalName": "small"}, "has another scope than the class; use spec.servicePlanExternalName"),
        ({"serviceClassName": "x"}, "names the class more than once: keep one of"),
        ({"servicePlanName": "x"}, "names the plan more than once: keep one of"),
        ({"serviceClassExternalName": None}, "names no class: set clusterServiceClassExternalName (or serviceClassExternalName)"),
        ({"externalID": "x" * 64}, "spec.externalID: must be no more than 63 bytes"),
        ({"parametersFrom": [{"secretKeyRef": {"name": "No_Name", "key": "k"}}]}, "spec.parametersFrom[0].secretKeyRef.name"),
        ({"servicePlanExternalName": "ж" * 100000}, "does not exist"),
    ],
    ids=range(14),
)
def test_an_instance_is_refused_and_told_why(kubectl, broker, spec, says):
    body = {key: value for key, value in wish(broker, **spec).items() if value is not None}
    refusal = kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", body), check=False)
    assert says in refusal
    assert len(refusal) < 5000
    assert "NotFound" in kubectl("get", "serviceinstance/i", check=False)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"serviceClassExternalName": "other"}, "the class cannot be changed; it is serviceClassExternalName"),
        ({"externalID": "other"}, "spec.externalID: cannot be changed"),
        ({"parameters": {"Name": "b"}}, "The parameter Name cannot be changed after the instance is created."),
        ({"parameters": {"Size": "two"}}, "The parameter Size must"),
        ({"servicePlanExternalName": "gigantic"}, "which has "),
    ],
    ids=range(5),
)
def test_an_edit_is_refused_and_told_why(kubectl, instance, patch, says):
    refusal = kubectl("patch", instance, "--type=merge", "-p", json.dumps({"spec": patch}), check=False)
    assert says in refusal


def test_a_plan_that_is_for_good_is_not_changed(kubectl, broker, instance):
    body = {"serviceClassExternalName": f"{broker.name}-fixed", "servicePlanExternalName": "small"}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "fixed", body))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/fixed", "--timeout=30s")
    refusal = kubectl("patch", "serviceinstance/fixed", "--type=merge", "-p", '{"spec":{"servicePlanExternalName":"large"}}', check=False)
    assert "cannot be changed after creation; create a new instance with the other plan" in refusal


def test_who_asked_is_who_the_api_server_says(kubectl, instance):
    forged = {"spec": {"userInfo": {"username": "root"}, "parameters": {"Size": 3}}}
    kubectl("patch", instance, "--type=merge", "-p", json.dumps(forged))
    shown = kubectl("get", instance, "-o", "jsonpath={.spec.userInfo.username}")
    assert shown not in ("", "root")
    kubectl("patch", instance, "--type=merge", "-p", '{"spec":{"userInfo":{"username":"root"}}}')
    assert kubectl("get", instance, "-o", "jsonpath={.spec.userInfo.username}") == shown


def test_nothing_is_changed_while_an_operation_runs_but_deletion_is(kubectl, broker):
    broker.answer("PUT", INSTANCE, 202, {"operation": "task"})
    broker.answer("GET", INSTANCE + "/last_operation", 200, {"state": "in progress"})
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", wish(broker)))
    running = ("get", "serviceinstance/i", "-o", "jsonpath={.status.asyncOpInProgress}")
    wait_until("the operation", lambda: kubectl(*running) == "true", 20)
    refusal = kubectl("patch", "serviceinstance/i", "--type=merge", "-p", '{"spec":{"parameters":{"Size":2}}}', check=False)
    assert "cannot be changed while an operation is in progress (Provision); wait until it has ended, or delete the instance" in refusal
    kubectl("label", "serviceinstance/i", "team=shop")
    broker.answer("GET", INSTANCE + "/last_operation", 200, {"state": "succeeded"})
    kubectl("delete", "serviceinstance/i", "--timeout=30s")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"parameters": {"Role": "owner"}}, "spec.parameters: The parameter Role must be one of"),
        ({"parameters": {"Rule": "reader"}}, "Did you mean Role?"),
        ({"secretName": "No_Name"}, 'spec.secretName: "No_Name" cannot be the name of a Secret'),
        ({"instanceRef": {"name": ""}}, "spec.instanceRef.name: is required"),
    ],
    ids=range(4),
)
def test_a_binding_is_refused_and_told_why(kubectl, instance, spec, says):
    body = {"instanceRef": {"name": "i"}, **spec}
    assert says in kubectl("create", "-f", "-", stdin=manifest("ServiceBinding", "b", body), check=False)


def test_a_binding_stays_what_it_is(kubectl, instance):
    kubectl("create", "-f", "-", stdin=manifest("ServiceBinding", "b", {"instanceRef": {"name": "i"}}))
    for patch in ({"instanceRef": {"name": "j"}}, {"secretName": "other"}, {"externalID": "other"}, {"parameters": {"Role": "reader"}}):
        refusal = kubectl("patch", "servicebinding/b", "--type=merge", "-p", json.dumps({"spec": patch}), check=False)
        assert f"spec.{next(iter(patch))}" in refusal
        assert "Delete the binding and create another." in refusal


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"url": "ftp://broker"}, "spec.url: \"ftp://broker\" is not a valid URL: the scheme must be http or https"),
        ({"url": "https://me:hunter2@broker"}, "must not hold a user name or password"),
        ({"url": "https://broker/?x=1"}, "spec.url: must have no query"),
        ({"url": ""}, "spec.url: is required"),
        ({"relistDuration": "0s"}, "spec.relistDuration: must be a duration greater than zero, such as 15m0s"),
        ({"relistDuration": "soon"}, "spec.relistDuration"),
        ({"caBundle": "bm8gY2VydGlmaWNhdGU="}, "spec.caBundle: must be PEM certificates"),
        ({"caBundle": PEM, "insecureSkipTLSVerify": True}, "cannot be used together with caBundle: remove one of them"),
        ({"catalogRestrictions": {"serviceClass": ["colour=red"]}}, "there is no property colour; there are name, spec.externalName, spec.externalID"),
        ({"catalogRestrictions": {"servicePlan": ["name in (a"]}}, "spec.catalogRestrictions.servicePlan"),
        ({"authInfo": {"basic": {"secretRef": {}}}}, "secretRef.name is required"),
    ],
    ids=range(11),
)
def test_a_broker_is_refused_and_told_why(kubectl, broker, spec, says):
    refusal = kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "wrong", {"url": broker.url, **spec}), check=False)
    assert says in refusal
    assert "hunter2" not in refusal
