"""What is wrong with a request is said, with the right status, and nothing is made."""

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


def test_what_does_not_exist_is_said_so(osb, instance):
    assert osb.deprovision(instance).status == 410
    assert osb.unbind(instance, new_id()).status == 410
    assert osb.bind(instance, new_id()).status in (400, 404)
    assert osb.last_operation(instance).status in (404, 410)
    assert osb.call("GET", f"/v2/service_instances/{instance}").status == 404


def test_an_instance_that_is_being_made_cannot_be_bound(make_broker, emulator):
    osb, instance = make_broker().client, new_id()
    osb.provision(instance, plan="custom", parameters={"PreventDeletion": "False"})
    bound = osb.bind(instance, new_id(), plan="custom")
    # The emulator may have finished in between.
    assert (bound.status, bound.body.get("error")) in ((422, "ConcurrencyError"), (201, None))
    osb.until_settled(instance)
