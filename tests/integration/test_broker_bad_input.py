"""What is wrong with a request is said, with the right status, and nothing is made."""

import json

import pytest
from osb_client import new_id


@pytest.fixture
def instance():
    return new_id()


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        ({"service_id": "nothing"}, 400, "nothing"),
        ({"plan_id": "nothing"}, 400, "nothing"),
        ({"service_id": None}, 400, "service_id"),
        ({"service_id": 7}, 400, "service_id"),
        ({"plan_id": ""}, 400, "plan_id"),
        ({"parameters": {"Colour": "blue"}}, 400, "The parameter Colour is not available."),
        ({"parameters": {"EnableLogging": "Perhaps"}}, 400, "EnableLogging"),
        ({"parameters": {"EnableLogging": {"a": 1}}}, 400, "EnableLogging"),
        ({"parameters": "blue"}, 400, "parameters"),
        ({"context": "nowhere"}, 400, "context"),
    ],
)
def test_wrong_fields_are_named(osb, account, instance, options, status, says):
    answer = osb.provision(instance, plan="custom", **options)
    assert answer.status == status, answer
    assert says in answer.body["description"]
    assert account.stacks(instance) == []


def test_asynchronous_operations_have_to_be_accepted(osb, instance):
    answer = osb.provision(instance, accepts_incomplete=False)
    assert (answer.status, answer.body["error"]) == (422, "AsyncRequired")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"service_id": "\xff"}', 400),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, 400),
        (json.dumps({"service_id": "x" * 5_000_000}).encode(), 413),
    ],
    ids=["cut", "empty", "a list", "null", "no UTF-8", "deep", "huge"],
)
def test_broken_bodies_are_refused(osb, instance, raw, status):
    answer = osb.call("PUT", f"/v2/service_instances/{instance}?accepts_incomplete=true", raw=raw)
    assert answer.status == status
    assert answer.body["description"]


@pytest.mark.parametrize("identifier", ["%2e%2e", "a%2Fb", "x" * 2000, "%00"])
def test_strange_identifiers_are_refused(osb, identifier):
    assert osb.provision(identifier).status in (400, 404, 414, 431)


def test_what_does_not_exist_is_said_so(osb, instance):
    assert osb.deprovision(instance).status == 410
    assert osb.unbind(instance, new_id()).status == 410
    assert osb.bind(instance, new_id()).status in (400, 404)
    assert osb.last_operation(instance).status in (404, 410)
    assert osb.call("GET", f"/v2/service_instances/{instance}").status == 404


def test_a_service_and_a_plan_have_to_be_named_to_deprovision(osb, instance):
    answer = osb.call("DELETE", f"/v2/service_instances/{instance}?accepts_incomplete=true")
    assert answer.status == 400
    assert "service_id" in answer.body["description"]


def test_an_instance_that_is_being_made_cannot_be_bound(make_broker, emulator):
    osb, instance = make_broker().client, new_id()
    osb.provision(instance, plan="custom", parameters={"PreventDeletion": "False"})
    bound = osb.bind(instance, new_id(), plan="custom")
    # The emulator may have finished in between.
    assert (bound.status, bound.body.get("error")) in ((422, "ConcurrencyError"), (201, None))
    osb.until_settled(instance)
