"""CloudFormation operations that the end of the emulator's process has interrupted: they go on when it starts again (lasting_emulator.py).

A creation or update is undone as far as it has come and begun again, a deletion and a roll-back go on. Uses ministack's own functions, whose names
hold for the version that scripts/requirements pins.
"""

import asyncio
import copy
import logging
from collections.abc import Iterator

from ministack import app as ministack
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, stacks

FAILED = {"CREATE": "CREATE_FAILED", "ROLLBACK": "ROLLBACK_FAILED", "DELETE": "DELETE_FAILED"}
MOST_DELETED_STACKS = 50  # that are kept
logger = logging.getLogger("lasting_emulator")


class Updates:
    """What the stacks were before the updates that are in progress, by the stacks' ids."""

    def __init__(self, before: dict[str, dict]):
        self.before = before

    def begun(self, before: dict) -> None:
        self.before[before["StackId"]] = before

    def forget_ended(self) -> None:
        if self.before:
            busy = {stack["StackId"] for stack in in_progress()}
            self.before = {stack_id: stack for stack_id, stack in self.before.items() if stack_id in busy}


def in_progress() -> Iterator[dict]:
    for stack in list(cloudformation._stacks._data.values()):
        if stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
            yield stack


def copy_of(name_or_id: str) -> dict | None:
    for stack in cloudformation._stacks._data.values():
        if name_or_id in (stack["StackName"], stack["StackId"]) and stack["StackStatus"] != "DELETE_COMPLETE":
            return copy.deepcopy(stack)
    return None


def mark_deleting(name_or_id: str) -> None:
    """A deletion that was accepted: ministack's task says so only after the answer."""
    for stack in cloudformation._stacks._data.values():
        if name_or_id in (stack["StackName"], stack["StackId"]) and stack["StackStatus"] != "DELETE_COMPLETE":
            stack["StackStatus"] = "DELETE_IN_PROGRESS"


def forget_old_stacks() -> None:
    """AWS forgets deleted stacks after 90 days. Here they would be written each time, for ever."""
    deleted = [(key, stack["StackId"]) for key, stack in cloudformation._stacks._data.items() if stack["StackStatus"] == "DELETE_COMPLETE"]
    for key, stack_id in deleted[:-MOST_DELETED_STACKS]:  # in the order in which they were made
        del cloudformation._stacks._data[key]
        for events in [events for events in cloudformation._stack_events._data if events[-1] == stack_id]:
            del cloudformation._stack_events._data[events]


async def go_on(updates: Updates) -> None:
    interrupted = [key for key, stack in cloudformation._stacks._data.items() if any(stack is one for one in in_progress())]
    if not interrupted:
        return
    await ministack._wait_for_port(int(ministack._resolve_port()))  # functions call back
    for account, region, name in interrupted:
        set_request_account_id(account)
        set_request_region(region)
        stack = cloudformation._stacks[name]
        logger.warning("Stack %s goes on: it was in %s when the emulator ended", name, stack["StackStatus"])
        asyncio.get_running_loop().create_task(_go_on_with(stack, updates.before.get(stack["StackId"])))


async def _go_on_with(stack: dict, before: dict | None) -> None:
    status = stack["StackStatus"]
    try:
        if status == "DELETE_IN_PROGRESS":
            await stacks._delete_stack_async(stack["StackName"], stack["StackId"])
        elif "ROLLBACK" in status:
            await _roll_back(stack, before)
        elif status.startswith("UPDATE") and before is None:  # an update of before this was kept
            stack["StackStatus"] = "UPDATE_COMPLETE"
        else:
            await _begin_again(stack, before)
    except Exception:
        logger.exception("Stack %s cannot go on", stack["StackName"])
        stack["StackStatus"] = FAILED.get(status.split("_")[0], "UPDATE_ROLLBACK_FAILED")
        stack["StackStatusReason"] = "The emulator ended in the middle of the operation and cannot go on with it"


def _design_of(stack: dict) -> tuple[dict, dict]:
    """The template and the parameters' values of the operation that was interrupted."""
    if not stack["StackStatus"].startswith("UPDATE"):
        return stack["_template"], stack["_resolved_params"]
    given = [{"ParameterKey": each["ParameterKey"], "ParameterValue": each["ParameterValue"]} for each in stack["Parameters"]]
    template = engine._apply_transforms(engine._parse_template(stack["_template_body"]), given)
    return template, engine._resolve_parameters(template, given)


async def _begin_again(stack: dict, before: dict | None) -> None:
    is_update = stack["StackStatus"].startswith("UPDATE")
    template, parameters = _design_of(stack)
    await _undo(stack, (before or {}).get("_resources", {}), template, parameters)
    await stacks._deploy_stack_async(
        stack["StackName"], stack["StackId"], template, parameters, stack.get("DisableRollback", False), stack["Tags"],
        is_update=is_update, previous_stack=before if is_update else None,
    )  # fmt: skip


async def _undo(stack: dict, before: dict[str, dict], template: dict, parameters: dict) -> None:
    """Deletes what the operation has made, so that the stack has the resources of `before`."""
    name, resources = stack["StackName"], stack["_resources"]
    begun = {event["LogicalResourceId"] for event in cloudformation._stack_events.get(stack["StackId"], [])}
    order = stacks._topological_sort(template.get("Resources", {}), stack.get("_conditions", {}))
    for logical_id in reversed(order):
        definition = template["Resources"][logical_id]
        made = resources.get(logical_id)
        old = before.get(logical_id)
        if made is None:
            # A function may be half way through a custom resource that no record shows yet.
            if old is not None or logical_id not in begun or not _is_custom(definition.get("Type", "")):
                continue
            properties = engine._resolve_refs(
                copy.deepcopy(definition.get("Properties", {})), resources, parameters, stack.get("_conditions", {}),
                template.get("Mappings", {}), name, stack["StackId"],
            )  # fmt: skip
            made = {"ResourceType": definition["Type"], "PhysicalResourceId": logical_id, "Properties": properties}
        elif old is not None and old["PhysicalResourceId"] == made["PhysicalResourceId"]:
            continue
        try:
            arguments = (made["ResourceType"], made["PhysicalResourceId"], made["Properties"], name, logical_id)
            if stacks._runs_on_worker_thread(made["ResourceType"]):
                await run_reentrant(stacks._delete_resource, *arguments)
            else:
                stacks._delete_resource(*arguments)
        except Exception as error:
            logger.warning("%s of %s stays: %s", logical_id, name, error)
    resources.clear()
    resources.update(copy.deepcopy(before))


def _is_custom(resource_type: str) -> bool:
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


async def _roll_back(stack: dict, before: dict | None) -> None:
    old = (before or {}).get("_resources", {})
    changed = [logical_id for logical_id, resource in stack["_resources"].items() if resource != old.get(logical_id)]
    template, parameters = _design_of(stack)
    operation = stacks._failed_operation(
        before is not None, before, changed, None, None, [], False, template, parameters, False, stack["Tags"], (before or {}).get("Tags", []),
    )  # fmt: skip
    await stacks._roll_back_operation(stack["StackName"], stack["StackId"], stack, operation)
