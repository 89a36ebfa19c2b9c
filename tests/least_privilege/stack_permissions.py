"""What CloudFormation needs to make, change and delete a stack of one of our classes: tests/data/stack_permissions.yaml for what the template has."""

import json
import re
from functools import cache

import yaml
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.templates import expanded
from cloudformation_yaml import load

KNOWN = yaml.safe_load((REPOSITORY / "tests/data/stack_permissions.yaml").read_text())
_text = cache(expanded)  # as CloudFormation gets it


def types(class_name: str) -> set[str]:
    return {resource["Type"] for resource in _parsed(_text(class_name))["Resources"].values()}


@cache
def needed(class_name: str) -> frozenset[str]:
    text = _text(class_name)
    template = _parsed(text)
    parameters = template.get("Parameters", {}).values()
    return frozenset().union(
        *map(_needed_by, template["Resources"].values()),
        *(KNOWN["parameter_types"].get(parameter["Type"], ()) for parameter in parameters),
        *(KNOWN["dynamic_references"][service] for service in re.findall(r"\{\{resolve:(\w+):", text)),
    )


@cache
def _parsed(text: str) -> dict:
    return json.loads(text) if text.startswith("{") else load(text)  # what the broker adds nothing to it passes on as it is


def _needed_by(resource: dict) -> set[str]:
    known = KNOWN["types"][resource["Type"]]
    only_with = known.get("only_with", {})
    listed = _all_of(known[handler] for handler in ("create", "read", "update", "delete") if handler in known)
    of_others = _all_of(only_with.values()) - _all_of(actions for name, actions in only_with.items() if _has(resource, name))
    return (listed | _all_of(known.get("also", {}).values())) - _all_of(known.get("never", {}).values()) - of_others


def _all_of(lists) -> set[str]:
    return {action for actions in lists for action in actions}


def _has(resource: dict, name: str) -> bool:
    attribute, _, wanted = name.partition("=")
    if wanted:
        return wanted in json.dumps(resource.get(attribute))
    outer, _, inner = name.partition(".")
    properties = resource.get("Properties", {})
    return outer in properties and (not inner or _is_within(properties[outer], inner))


def _is_within(value, key: str) -> bool:
    if isinstance(value, dict):
        return key in value or any(_is_within(each, key) for each in value.values())
    return isinstance(value, list) and any(_is_within(each, key) for each in value)
