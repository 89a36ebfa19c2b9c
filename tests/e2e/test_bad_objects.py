"""What users get wrong in their objects, and what kubectl tells them."""

import json
import ssl
import urllib.error
import urllib.request

import pytest
from chandlery_dev.processes import wait_until

API = "servicecatalog.k8s.io/v1beta1"


@pytest.fixture
def kubectl(stack, stack_namespace):
    return stack.in_namespace(stack_namespace)


def instance(name="bucket", service="s3", plan="custom", **spec) -> str:
    body = {"clusterServiceClassExternalName": service, "clusterServicePlanExternalName": plan, **spec}
    return json.dumps({"apiVersion": API, "kind": "ServiceInstance", "metadata": {"name": name}, "spec": body})


def condition(kubectl, kind: str, name: str = "bucket") -> dict:
    status = json.loads(kubectl("get", f"serviceinstance/{name}", "-o", "json")).get("status", {})
    return {one["type"]: one for one in status.get("conditions", [])}.get(kind, {})


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (instance(plan="gigantic"), "gigantic"),
        (instance(service="s33"), "s33"),
        (instance(spec_typo=1), "spec_typo"),
        (instance(parameters="blue"), "parameters"),
        (instance(clusterServiceClassName="x"), "clusterServiceClass"),
        (instance(name="Not_A_Name"), "Not_A_Name"),
        (instance(updateRequests=-1), "updateRequests"),
        (json.dumps({"apiVersion": API, "kind": "ServiceInstance", "metadata": {"name": "x"}}), "spec"),
        (json.dumps({"apiVersion": API, "kind": "ServiceInstances", "metadata": {"name": "x"}}), "ServiceInstances"),
        (json.dumps({"apiVersion": API, "kind": "ServiceBinding", "metadata": {"name": "x"}, "spec": {}}), "instanceRef"),
        ("apiVersion: v1\n  kind: [", "yaml"),
        ("{}", "apiVersion"),
    ],
    ids=lambda value: value[:30] if value.startswith("{") is False else None,
)
def test_a_wrong_object_is_refused_or_told(kubectl, manifest, says):
    answer = kubectl("create", "-f", "-", stdin=manifest, check=False)
    if "created" not in answer:
        assert says.lower() in answer.lower()
        return
    # References that do not exist yet are no mistake of the object; the condition tells them.
    told = wait_until("the condition", lambda: condition(kubectl, "Ready").get("status") == "False" and condition(kubectl, "Ready"), 20)
    assert says in told["message"]
    kubectl("delete", "serviceinstance", "--all", "--timeout=30s")


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"Colour": "blue"}, "Colour"), ({"EnableLogging": "Perhaps"}, "EnableLogging")],
)
def test_wrong_parameters_are_told_and_can_be_repaired_by_making_it_anew(kubectl, parameters, says):
    answer = kubectl("create", "-f", "-", stdin=instance(parameters=parameters), check=False)
    if "created" in answer:
        told = wait_until("the failure", lambda: condition(kubectl, "Failed").get("status") == "True" and condition(kubectl, "Failed"), 20)
        assert says in told["message"]
        events = wait_until("an event", lambda: kubectl("get", "events", "--field-selector", "involvedObject.name=bucket,type=Warning", "-o", "jsonpath={.items[*].message}"), 20)
        assert says in events
        kubectl("delete", "serviceinstance/bucket", "--timeout=30s")
    else:
        assert says in answer
    kubectl("create", "-f", "-", stdin=instance(parameters={"PreventDeletion": "False"}))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/bucket", "--timeout=60s")
    kubectl("delete", "serviceinstance/bucket", "--timeout=60s")


def test_a_stack_that_fails_is_told_with_the_first_reason_and_leaves_nothing(kubectl, stack):
    s3 = stack.emulator.client("s3")
    s3.create_bucket(Bucket="taken-by-somebody")
    kubectl("create", "-f", "-", stdin=instance(parameters={"BucketName": "taken-by-somebody", "PreventDeletion": "False"}))

    def settled():
        ready, failed = condition(kubectl, "Ready"), condition(kubectl, "Failed")
        return (ready, failed) if ready.get("status") == "True" or failed.get("status") == "True" else None

    ready, failed = wait_until("an outcome", settled, 60)
    if ready.get("status") != "True":  # the emulator may let an account have its own bucket twice
        assert "taken-by-somebody" in failed["message"] or "S3bucket" in failed["message"]
    external_id = json.loads(kubectl("get", "serviceinstance/bucket", "-o", "json"))["spec"]["externalID"]
    kubectl("delete", "serviceinstance/bucket", "--timeout=60s")
    stacks = stack.emulator.client("cloudformation").describe_stacks()["Stacks"]
    left = [one["StackName"] for one in stacks if external_id in one["StackName"] and one["StackStatus"] != "DELETE_COMPLETE"]
    assert left == []


def test_a_binding_waits_for_its_instance(kubectl):
    binding = {"apiVersion": API, "kind": "ServiceBinding", "metadata": {"name": "keys"}, "spec": {"instanceRef": {"name": "bucket"}}}
    kubectl("create", "-f", "-", stdin=json.dumps(binding))
    kubectl("create", "-f", "-", stdin=instance(parameters={"PreventDeletion": "False"}))
    kubectl("wait", "--for=condition=Ready", "servicebinding/keys", "--timeout=60s")
    refused = kubectl("delete", "serviceinstance/bucket", "--wait=false")
    assert "deleted" in refused
    told = wait_until("what blocks it", lambda: condition(kubectl, "Ready").get("reason") == "DeprovisionBlockedByExistingCredentials" and condition(kubectl, "Ready"), 20)
    assert "keys" in told["message"]
    kubectl("delete", "servicebinding/keys", "--timeout=30s")
    kubectl("wait", "--for=delete", "serviceinstance/bucket", "--timeout=60s")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b'"text"', 400),
        # Kubernetes reads these two, and refuses the name.
        (b'{"metadata":{"name":"\xff"}}', (400, 422)),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, (400, 422)),
        # kube-apiserver closes the connection while the rest is being sent, and with it the answer may be lost.
        pytest.param(b'{"metadata":{"name":"x"},"data":{"a":"' + b"x" * 4_000_000 + b'"}}', 413, marks=pytest.mark.local),
        (b'{"metadata":{"name":"x"},"data":{"a":"' + b"x" * 1_100_000 + b'"}}', 422),
    ],
    ids=["cut", "empty", "text", "no UTF-8", "deep", "huge", "large"],
)
def test_broken_bodies_are_refused_by_the_api(stack, stack_namespace, body, status):
    token = (stack.folder / "control-plane/admin.token").read_text().strip()
    request = urllib.request.Request(
        f"https://127.0.0.1:{stack.api_port}/api/v1/namespaces/{stack_namespace}/configmaps",
        data=body,
        method="POST",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(stack.folder / "control-plane/ca.crt"))
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=20, context=context)
    assert refusal.value.code in (status if isinstance(status, tuple) else (status,))
    answer = json.loads(refusal.value.read())
    assert answer.get("message") or answer.get("description")
