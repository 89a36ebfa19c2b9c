"""What a broker's catalog becomes: classes and plans that can be found, restricted, taken back and offered again."""

import hashlib
import json
import uuid

import pytest
from chandlery_dev.processes import wait_until
from fake_broker import INSTANCE, FakeBroker
from manifests import manifest


def plan(identity: str, name: str, **more) -> dict:
    return {"id": f"{identity}-{name}", "name": name, "description": "A plan", "free": name == "small", **more}


@pytest.fixture
def broker(broker):
    """Offers two classes: one of two plans, one of one."""
    identity = str(uuid.uuid4())
    broker.identity = identity
    broker.services = [
        {"id": identity, "name": broker.name, "description": "A class", "bindable": True, "plans": [plan(identity, "small"), plan(identity, "large")]},
        {"id": f"{identity}-o", "name": f"{broker.name}-one", "description": "Another", "bindable": False, "plans": [plan(f"{identity}-o", "Only_1")]},
    ]
    broker.answer("GET", "/v2/catalog", 200, {"services": broker.services})
    return broker


def register(kubectl, broker, **spec) -> None:
    kubectl("apply", "-f", "-", stdin=manifest("ServiceBroker", "broker", {"url": broker.url, **spec}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/broker", "--timeout=30s")


def relist(kubectl, requests: int) -> None:
    kubectl("patch", "servicebroker/broker", "--type=merge", "-p", json.dumps({"spec": {"relistRequests": requests}}))


def names(kubectl, *arguments: str) -> set[str]:
    return set(kubectl("get", *arguments, "-o", "jsonpath={.items[*].spec.externalName}").split())


@pytest.mark.parametrize("way", ["ExternalName", "ExternalID", "Name"])
def test_class_and_plan_are_named_in_each_way(kubectl, broker, way):
    register(kubectl, broker)
    service_class = {"ExternalName": broker.name}.get(way, broker.identity)
    small = {"ExternalName": "small"}.get(way, f"{broker.identity}-small")
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {f"serviceClass{way}": service_class, f"servicePlan{way}": small}))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
    shown = json.loads(kubectl("get", "serviceinstance/i", "-o", "json"))
    assert shown["spec"]["servicePlanRef"] == {"name": f"{broker.identity}-small"}
    kubectl("delete", "serviceinstance/i", "--timeout=30s")


def test_a_class_of_one_plan_needs_no_plan_and_a_class_of_two_says_which_there_are(kubectl, broker):
    register(kubectl, broker)
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {"serviceClassExternalName": f"{broker.name}-one"}))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
    assert kubectl("get", "serviceinstance/i", "-o", "jsonpath={.spec.servicePlanExternalName}") == "Only_1"
    refusal = kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "j", {"serviceClassExternalName": broker.name}), check=False)
    assert "set spec.servicePlanExternalName to one of large, small" in refusal
    kubectl("delete", "serviceinstance/i", "--timeout=30s")


def test_objects_are_found_by_fields_and_by_labels(kubectl, broker):
    register(kubectl, broker)
    by_field = ("serviceplans", "--field-selector", f"spec.serviceClassRef.name={broker.identity},spec.serviceBrokerName=broker")
    assert names(kubectl, *by_field) == {"small", "large"}
    assert names(kubectl, "serviceclasses", "--field-selector", f"spec.externalID={broker.identity}") == {broker.name}
    digest = hashlib.sha224(broker.name.encode()).hexdigest()
    assert names(kubectl, "serviceclasses", "-l", f"servicecatalog.k8s.io/spec.externalName={digest}") == {broker.name}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"}))
    of_class = hashlib.sha224(broker.identity.encode()).hexdigest()
    assert kubectl("get", "serviceinstances", "-l", f"servicecatalog.k8s.io/spec.serviceClassRef.name={of_class}", "-o", "name").endswith("/i\n")
    assert kubectl("get", "serviceinstances", "--field-selector", f"spec.serviceClassRef.name={broker.identity}", "-o", "name").endswith("/i\n")
    kubectl("delete", "serviceinstance/i", "--timeout=30s")


@pytest.mark.parametrize(
    ("restrictions", "plans"),
    [
        ({"serviceClass": ["spec.externalName={name}"]}, {"small", "large"}),
        ({"serviceClass": ["spec.externalName == {name}-one"]}, {"Only_1"}),
        ({"serviceClass": ["spec.externalName != {name}"]}, {"Only_1"}),
        ({"serviceClass": ["spec.externalID in ({id}, x)"]}, {"small", "large"}),
        ({"serviceClass": ["name notin ({id})"]}, {"Only_1"}),
        ({"servicePlan": ["spec.free=true"]}, {"small"}),
        ({"servicePlan": ["spec.free!=true", "spec.externalName notin (Only_1)"]}, {"large"}),
        ({"servicePlan": ["spec.serviceClass.name={id}", "spec.externalID in ({id}-large)"]}, {"large"}),
        ({"serviceClass": ["spec.externalName={name}"], "servicePlan": ["spec.externalName=Only_1"]}, set()),
    ],
)
def test_restrictions_choose_what_is_offered(kubectl, broker, restrictions, plans):
    filled = {key: [one.format(name=broker.name, id=broker.identity) for one in each] for key, each in restrictions.items()}
    register(kubectl, broker, catalogRestrictions=filled)
    assert names(kubectl, "serviceplans") == plans


def test_restrictions_can_be_narrowed_and_lifted(kubectl, broker):
    register(kubectl, broker)
    for restrictions, plans in (({"servicePlan": ["spec.free=true"]}, {"small"}), (None, {"small", "large", "Only_1"})):
        kubectl("patch", "servicebroker/broker", "--type=merge", "-p", json.dumps({"spec": {"catalogRestrictions": restrictions}}))
        wait_until(f"the plans {plans}", lambda wanted=plans: names(kubectl, "serviceplans") == wanted, 20)


def test_what_is_taken_back_stays_for_those_who_have_it_and_may_return(kubectl, broker):
    register(kubectl, broker)
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"}))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
    uid = kubectl("get", f"serviceclass/{broker.identity}", "-o", "jsonpath={.metadata.uid}")
    removed = ("get", f"serviceclass/{broker.identity}", "-o", "jsonpath={.status.removedFromBrokerCatalog}")
    broker.answer("GET", "/v2/catalog", 200, {"services": []})
    relist(kubectl, 1)
    wait_until("the class being marked", lambda: kubectl(*removed) == "true", 20)
    assert names(kubectl, "serviceplans") == {"small"}
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "late", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"}))
    reason = ("get", "serviceinstance/late", "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].reason}')
    wait_until("the late one being told", lambda: kubectl(*reason).startswith("ReferencesDeletedService"), 20)

    broker.answer("GET", "/v2/catalog", 200, {"services": broker.services})
    relist(kubectl, 2)
    wait_until("the class being back", lambda: kubectl(*removed) == "false", 20)
    assert kubectl("get", f"serviceclass/{broker.identity}", "-o", "jsonpath={.metadata.uid}") == uid
    kubectl("wait", "--for=condition=Ready", "serviceinstance/late", "--timeout=30s")

    broker.answer("GET", "/v2/catalog", 200, {"services": []})
    relist(kubectl, 3)
    wait_until("the class being marked again", lambda: kubectl(*removed) == "true", 20)
    kubectl("delete", "serviceinstance", "--all", "--timeout=30s")
    wait_until("class and plans being gone", lambda: names(kubectl, "serviceclasses") == names(kubectl, "serviceplans") == set(), 20)


def test_two_brokers_may_offer_the_same_ids(kubectl, broker):
    register(kubectl, broker)
    kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "twin", {"url": broker.url}))
    kubectl("wait", "--for=condition=Ready", "servicebroker/twin", "--timeout=30s")
    assert len(kubectl("get", "serviceplans", "-o", "name").split()) == 6
    wish = {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"}
    refusal = kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", wish), check=False)
    assert "is offered by 2 brokers. Name the class by spec.serviceClassName" in refusal
    twins = kubectl("get", "serviceclasses", "--field-selector", "spec.serviceBrokerName=twin", "-o", "json")
    name = next(each["metadata"]["name"] for each in json.loads(twins)["items"] if each["spec"]["externalName"] == broker.name)
    kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {"serviceClassName": name, "servicePlanExternalName": "small"}))
    kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
    kubectl("delete", "serviceinstance/i", "--timeout=30s")


def test_thousands_of_plans_hold_nobody_up_and_are_written_once(kubectl, broker):
    register(kubectl, broker)
    big = FakeBroker(f"{broker.name}-big")
    try:
        schema = {"type": "object", "properties": {f"Parameter{i}": {"type": "string", "description": "What it is for"} for i in range(20)}}
        schemas = {"service_instance": {"create": {"parameters": schema}}}
        plans = [plan(big.name, f"plan-{i}", schemas=schemas) for i in range(5000)]
        catalog = {"services": [{"id": big.name, "name": big.name, "description": "Many", "bindable": True, "plans": plans}]}
        big.answer("GET", "/v2/catalog", 200, catalog)
        kubectl("create", "-f", "-", stdin=manifest("ServiceBroker", "big", {"url": big.url}))
        kubectl("create", "-f", "-", stdin=manifest("ServiceInstance", "i", {"serviceClassExternalName": broker.name, "servicePlanExternalName": "small"}))
        kubectl("wait", "--for=condition=Ready", "serviceinstance/i", "--timeout=30s")
        kubectl("wait", "--for=condition=Ready", "servicebroker/big", "--timeout=120s")
        all_plans = ("get", "serviceplans", "--field-selector", "spec.serviceBrokerName=big", "-o", "jsonpath={.items[*].metadata.resourceVersion}")
        versions = kubectl(*all_plans).split()
        assert len(versions) == 5000
        kubectl("patch", "servicebroker/big", "--type=merge", "-p", '{"spec":{"relistRequests":1}}')
        wait_until("the catalog being read again", lambda: big.count("GET", "/v2/catalog") == 2, 60)
        kubectl("wait", "--for=jsonpath={.status.reconciledGeneration}=2", "servicebroker/big", "--timeout=60s")
        assert kubectl(*all_plans).split() == versions
        kubectl("delete", "serviceinstance/i", "--timeout=30s")
        kubectl("delete", "servicebroker/big", "--timeout=120s")
    finally:
        big.stop()
    assert broker.count("PUT", INSTANCE) == 1
