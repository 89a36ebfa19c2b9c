"""How CloudFormation is asked for the progress of many stacks."""

import re
import urllib.request

from chandlery_dev.processes import wait_until
from osb_client import new_id

SMALL = {"plan": "custom", "parameters": {"PreventDeletion": "False"}}


def calls_of(broker, operation: str) -> int:
    with urllib.request.urlopen(f"{broker.url}/metrics", timeout=5) as answer:
        told = re.search(rf'aws_sb_aws_calls_total{{[^}}]*operation="{operation}"[^}}]*}} (\d+)', answer.read().decode())
    return int(told[1]) if told else 0


def test_stacks_that_are_made_at_once_are_listed_instead_of_asked_for_singly(make_broker):
    broker = make_broker()
    osb, instances = broker.client, [new_id() for _ in range(4)]
    for instance in instances:
        assert osb.provision(instance, **SMALL).status == 202

    def states() -> list[str]:
        return [osb.last_operation(instance).body["state"] for instance in instances]

    wait_until("every stack being complete", lambda: set(states()) == {"succeeded"}, 60)
    assert calls_of(broker, "ListStacks") > 0
    for instance in instances:
        osb.deprovisioned(instance, plan="custom")
