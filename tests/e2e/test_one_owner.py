"""One owner for an external id: a second object never gets what the first one has, and never destroys it."""

import json
import uuid

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import BINDING, INSTANCE, catalog
from manifests import manifest

INSTANCE_OF_SHOP = "serviceinstance/orders"


@pytest.fixture
def broker(broker):
    broker.answer("GET", "/v2/catalog", 200, catalog(broker.name, instances_retrievable=True))
    broker.answer("GET", INSTANCE, 404, {})
    return broker


def register(kubectl, broker) -> None:
    kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")


@pytest.fixture
def shop(kubectl, broker):
    register(kubectl, broker)
    yield kubectl
    kubectl("delete", "servicebinding,serviceinstance", "--all", "--timeout=60s")


@pytest.fixture
def other_namespace(control_plane):
    name = f"other-{uuid.uuid4().hex[:8]}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def other(control_plane, broker, other_namespace):
    """kubectl in another namespace, where the same broker is registered."""
    kubectl = control_plane.in_namespace(other_namespace)
    register(kubectl, broker)
    yield kubectl
    kubectl("delete", "servicebinding,serviceinstance", "--all", "--timeout=60s")


def claim(broker, name: str, external_id: str, **annotations) -> str:
    spec = {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small", "externalID": external_id}
    return manifest("ServiceInstance", name, spec, annotations={f"servicecatalog.k8s.io/{key.replace('_', '-')}": value for key, value in annotations.items()})


@pytest.fixture
def orders(shop, broker) -> str:
    """The external id of an instance that has a binding."""
    external_id = str(uuid.uuid4())
    shop("create", "-f", "-", stdin=claim(broker, "orders", external_id))
    shop("wait", "--for=condition=Ready", INSTANCE_OF_SHOP, "--timeout=30s")
    shop("create", "-f", "-", stdin=manifest("ServiceBinding", "keys", {"instanceRef": {"name": "orders"}}))
    shop("wait", "--for=condition=Ready", "servicebinding/keys", "--timeout=30s")
    return external_id


def test_a_second_object_of_the_same_id_is_refused(shop, other, broker, orders, namespace):
    refusal = other("create", "-f", "-", stdin=claim(broker, "copy", orders), check=False)
    assert f'"{orders}" is already linked by the ServiceInstance {namespace}/orders' in refusal
    assert "NotFound" in other("get", "serviceinstance/copy", check=False)
    taken = shop("get", "servicebinding/keys", "-o", "jsonpath={.spec.externalID}")
    refusal = shop("create", "-f", "-", stdin=manifest("ServiceBinding", "copy", {"instanceRef": {"name": "orders"}, "externalID": taken}), check=False)
    assert f"is already linked by the ServiceBinding {namespace}/keys" in refusal
    assert (broker.count("PUT", INSTANCE), broker.count("PUT", BINDING)) == (1, 1)


@pytest.mark.cluster
def test_who_may_not_see_the_first_is_not_told_its_name(control_plane, other, other_namespace, broker, orders, namespace):
    user = f"thief-{uuid.uuid4().hex[:8]}"
    control_plane.kubectl("create", "role", "maker", "--verb=create", "--resource=serviceinstances.servicecatalog.k8s.io", "-n", other_namespace)
    control_plane.kubectl("create", "rolebinding", "maker", "--role=maker", f"--user={user}", "-n", other_namespace)
    create = ("create", f"--as={user}", "-f", "-")
    refusal = wait_until("the grant being known", lambda: "linked" in (said := other(*create, stdin=claim(broker, "copy", orders), check=False)) and said, 20)
    assert "is already linked by another ServiceInstance of this cluster" in refusal
    assert namespace not in refusal


@pytest.mark.cluster
def test_taking_over_takes_the_verb_adopt_where_it_was(control_plane, other, other_namespace, broker, namespace):
    user = f"mover-{uuid.uuid4().hex[:8]}"
    control_plane.kubectl("create", "role", "maker", "--verb=create", "--resource=serviceinstances.servicecatalog.k8s.io", "-n", other_namespace)
    control_plane.kubectl("create", "rolebinding", "maker", "--role=maker", f"--user={user}", "-n", other_namespace)
    create = ("create", f"--as={user}", "-f", "-")
    wish = claim(broker, "moved", str(uuid.uuid4()), adopt_from=namespace)
    refusal = wait_until("the grant being known", lambda: "adopt" in (said := other(*create, stdin=wish, check=False)) and said, 20)
    assert f'the verb "adopt" on serviceinstances.servicecatalog.k8s.io in the namespace "{namespace}"' in refusal
    control_plane.kubectl("create", "role", "adopter", "--verb=adopt", "--resource=serviceinstances.servicecatalog.k8s.io", "-n", namespace)
    control_plane.kubectl("create", "rolebinding", "adopter", "--role=adopter", f"--user={user}", "-n", namespace)
    wait_until("the verb being known", lambda: "created" in other(*create, stdin=wish, check=False), 20)


def test_the_next_one_takes_over_what_is_retained(shop, other, broker, orders, namespace):
    shop("delete", "servicebinding/keys", "--timeout=30s")
    shop("annotate", INSTANCE_OF_SHOP, "servicecatalog.k8s.io/retain=true")
    shop("delete", INSTANCE_OF_SHOP, "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 0
    broker.answer("GET", INSTANCE, 200, {"service_id": catalog(broker.name)["services"][0]["id"]})
    # The broker says that it is another namespace's.
    broker.answer("PUT", INSTANCE, 409, {})
    broker.answer("PATCH", INSTANCE, 400, {"description": "it belongs to somebody else"})
    other("create", "-f", "-", stdin=claim(broker, "copy", orders))

    def told() -> str:
        return other("get", "serviceinstance/copy", "-o", "jsonpath={.status.conditions[*].message}")

    wait_until("the refusal", lambda: "adopt-from=<namespace>" in told(), 20)
    other("delete", "serviceinstance/copy", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 0, "it is somebody else's"
    broker.answer("PUT", INSTANCE, 200, {})
    other("create", "-f", "-", stdin=claim(broker, "copy", orders, adopt_from=namespace))
    other("wait", "--for=condition=Ready", "serviceinstance/copy", "--timeout=30s")
    assert broker.sent("PUT", INSTANCE)[-1]["context"]["adopted_from"]["namespace"] == namespace
    other("delete", "serviceinstance/copy", "--timeout=30s")
    assert broker.count("DELETE", INSTANCE) == 1


def test_an_instance_can_be_found_by_its_id(shop, orders):
    found = json.loads(shop("get", "serviceinstances", "-A", "--field-selector", f"spec.externalID={orders}", "-o", "json"))
    assert [item["metadata"]["name"] for item in found["items"]] == ["orders"]


@pytest.mark.parametrize("seconds", [5, 9], ids=["the same", "other parameters"])
def test_the_aws_broker_links_what_a_namespace_had(stack, stack_namespace, seconds):
    kubectl = stack.in_namespace(stack_namespace)
    spec = {"clusterServiceClassExternalName": "sqs", "clusterServicePlanExternalName": "standard", "parameters": {"DelaySeconds": 5}}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "queue", spec))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=120s")
    external_id = kubectl("get", "serviceinstance/queue", "-o", "jsonpath={.spec.externalID}")
    kubectl("annotate", "serviceinstance/queue", "servicecatalog.k8s.io/retain=true")
    kubectl("delete", "serviceinstance/queue", "--timeout=60s")
    again = spec | {"externalID": external_id, "parameters": {"DelaySeconds": seconds}}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "queue", again))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/queue", "--timeout=120s")
    stacks = [one["StackName"] for one in stack.emulator.client("cloudformation").describe_stacks()["Stacks"]]
    assert sum(external_id in name for name in stacks) == 1
    kubectl("delete", "serviceinstance/queue", "--timeout=120s")
