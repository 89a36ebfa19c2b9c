"""kill -9 at many moments: whatever was begun is finished by the next start or the next request, once."""

import pytest
from chandlery_dev.processes import wait_until
from osb_client import new_id

CUSTOM = {"plan": "custom"}


@pytest.mark.parametrize("moment", ["accepted", "stack", "settled"])
def test_a_killed_broker_goes_on(make_broker, account, moment):
    broker = make_broker()
    osb, instance, binding = broker.client, new_id(), new_id()
    users = account.users()
    parameters = {"PreventDeletion": "False"}
    assert osb.provision(instance, parameters=parameters, **CUSTOM).status == 202
    if moment == "stack":
        wait_until("the stack", lambda: account.stacks(instance), 20)
    if moment == "settled":
        osb.until_settled(instance)
    broker.restart_after_kill()
    again = osb.provision(instance, parameters=parameters, **CUSTOM)
    assert again.status in (200, 202)
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert len(account.stacks(instance)) == 1

    first = osb.bind(instance, binding, **CUSTOM)
    assert first.status == 201
    broker.restart_after_kill()
    second = osb.bind(instance, binding, **CUSTOM)
    assert (second.status, second.body["credentials"]) == (200, first.body["credentials"])
    assert osb.unbind(instance, binding, **CUSTOM).status == 200

    assert osb.deprovision(instance, **CUSTOM).status == 202
    broker.restart_after_kill()
    settled = osb.until_settled(instance)
    assert settled.status == 410 or settled.body["state"] == "succeeded"
    assert account.stacks(instance) == []
    assert account.users() == users
