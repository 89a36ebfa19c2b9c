"""deploy/prerequisites.yaml as CloudFormation makes it: which managed policies an identity has, and what they say, for given parameters."""

import itertools
import re

from chandlery_dev.processes import REPOSITORY
from cloudformation_yaml import load

FILE = REPOSITORY / "deploy/prerequisites.yaml"
ACCOUNT = "111122223333"
IDENTITIES = {"User": "BrokerUser", "ServiceAccountRole": "ServiceAccountRole", "PodIdentityRole": "PodIdentityRole", "WorkerRole": "WorkerRole"}
_NOTHING = object()  # what AWS::NoValue leaves of a value


class Prerequisites:
    """With the parameters' defaults where none are given."""

    def __init__(self, **parameters: str):
        template = load(FILE.read_text())
        self._conditions = template["Conditions"]
        self._resources = template["Resources"]
        defaults = {name: one["Default"] for name, one in template["Parameters"].items()}
        assert parameters.keys() <= defaults.keys()
        self._values = defaults | parameters | {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::NoValue": _NOTHING}

    def policies(self) -> dict[str, dict]:
        """The documents of the policies that the identity has, by their logical ids."""
        identity = self._resources[IDENTITIES[self._values["Identity"]]]
        attached = self._resolved(identity["Properties"]["ManagedPolicyArns"])
        made = {name for name in attached if self._holds(self._resources[name].get("Condition"))}
        assert made == set(attached), "a policy is attached that is not made"
        return {name: self._resolved(self._resources[name]["Properties"]["PolicyDocument"]) for name in attached}

    def _holds(self, condition: str | None) -> bool:
        return condition is None or self._resolved(self._conditions[condition])

    def _resolved(self, value):
        if isinstance(value, list):
            return [each for each in map(self._resolved, value) if each is not _NOTHING]
        if not isinstance(value, dict):
            return value
        match list(value.items()):
            case [("Ref", name)]:
                return self._values.get(name, name)
            case [("GetAtt", name)]:
                return name
            case [("Sub", str() as text)]:
                return re.sub(r"\$\{([^}]+)\}", lambda found: str(self._values.get(found[1], found[1])), text)
            case [("If", [condition, then, otherwise])]:
                return self._resolved(then if self._holds(condition) else otherwise)
            case [("Condition", str() as name)]:
                return self._holds(name)
            case [("Equals", [one, other])]:
                return self._resolved(one) == self._resolved(other)
            case [("Not", [one])]:
                return not self._resolved(one)
            case [("Or", any_of)]:
                return any(map(self._resolved, any_of))
            case [("And", all_of)]:
                return all(map(self._resolved, all_of))
        resolved = {key: self._resolved(each) for key, each in value.items()}
        return {key: each for key, each in resolved.items() if each is not _NOTHING}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def statements(documents: dict[str, dict]) -> list[dict]:
    return list(itertools.chain.from_iterable(document["Statement"] for document in documents.values()))


def actions(documents: dict[str, dict]) -> set[str]:
    return {action for statement in statements(documents) for action in listed(statement["Action"])}
