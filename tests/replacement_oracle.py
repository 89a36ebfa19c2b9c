"""What updates of the built-in classes would replace or delete, found in another way than the broker's: the templates are evaluated with an
imaginary stack's values, before and after, and CloudFormation's schemas say for which differences it replaces a resource.

python tests/replacement_oracle.py writes tests/data/replacements.json: for each change of plan, and of each parameter that can be changed, the
resources with data that would be lost. The unit tests hold the broker to it, test_replacement_facts.py holds it to the templates and schemas.
"""

import json
import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "scripts"))

import yaml  # noqa: E402
from chandlery_dev.create_only import known_types, schemas_of_regions  # noqa: E402

GOLDEN = REPOSITORY / "tests/data/replacements.json"
PSEUDO = {
    "AWS::AccountId": "000000000000",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/name/1-2-3-4-5",
    "AWS::StackName": "name",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()


class Loader(yaml.SafeLoader):
    pass


def _function(loader, suffix, node):
    make = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True)}
    value = make.get(type(node), lambda n: loader.construct_mapping(n, deep=True))(node)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _function)


def load(class_name: str) -> dict:
    template = yaml.load((REPOSITORY / f"templates/{class_name}-main.yaml").read_text(), Loader)
    if template["Metadata"]["AWS::ServiceBroker::Specification"].get("MakesSubnets"):
        injected = yaml.load((REPOSITORY / "templates/injected-subnets.yaml").read_text(), Loader)
        template["Conditions"] = {**template.get("Conditions", {}), **injected["Conditions"]}
        wishes = template["Metadata"]["AWS::ServiceBroker::Specification"]["MakesSubnets"]
        if isinstance(wishes, dict):
            injected["Resources"]["AWSSBInjectedSubnets"]["Properties"].update(wishes)
        template["Resources"] = {**template["Resources"], **injected["Resources"]}
    return template


def text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Evaluation:
    """One template with its parameters' values; `made` has for each resource how often it was made, `changed` how often it was changed."""

    def __init__(self, template, parameters, made, changed):
        self.template, self.parameters, self.made, self.changed = template, parameters, made, changed

    def holds(self, name) -> bool:
        return self.truth(self.template["Conditions"][name])

    def truth(self, expression) -> bool:
        ((function, value),) = expression.items()
        match function:
            case "Condition":
                return self.holds(value)
            case "Fn::And":
                return all(map(self.truth, value))
            case "Fn::Or":
                return any(map(self.truth, value))
            case "Fn::Not":
                return not self.truth(value[0])
            case "Fn::Equals":
                return self.value(value[0]) == self.value(value[1])
        raise AssertionError(function)

    def value(self, raw):
        if isinstance(raw, list):
            return [each for each in map(self.value, raw) if each is not NO_VALUE]
        if not isinstance(raw, dict):
            return text(raw)
        if len(raw) == 1:
            ((function, argument),) = raw.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.call(function, argument)
        values = {key: self.value(each) for key, each in raw.items()}
        return {key: each for key, each in values.items() if each is not NO_VALUE}

    def call(self, function, argument):
        match function:
            case "Ref":
                return NO_VALUE if argument == "AWS::NoValue" else self.reference(argument)
            case "Fn::GetAtt":
                name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
                return self.attribute(name, attribute)
            case "Fn::If":
                return self.value(argument[1] if self.holds(argument[0]) else argument[2])
            case "Fn::FindInMap":
                name, first, second = map(self.value, argument)
                return self.value(self.template["Mappings"][name][first][second])
            case "Fn::Join":
                return argument[0].join(self.value(argument[1]))
            case "Fn::Split":
                return self.value(argument[1]).split(argument[0])
            case "Fn::Select":
                items = self.value(argument[1])
                return items[int(argument[0])] if int(argument[0]) < len(items) else f"none of {items}"
            case "Fn::Sub":
                pattern, variables = (argument, {}) if isinstance(argument, str) else argument
                return re.sub(r"\$\{([^}]+)\}", lambda found: self.variable(found[1], variables), pattern)
        raise AssertionError(function)

    def variable(self, name, variables) -> str:
        if name in variables:
            return self.value(variables[name])
        if "." in name:
            return self.attribute(*name.split(".", 1))
        return self.reference(name)

    def reference(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            kind = self.template["Parameters"][name]["Type"]
            return self.parameters[name].split(",") if kind == "CommaDelimitedList" else self.parameters[name]
        return f"<{name} {self.made.get(name, 0)}>"

    def attribute(self, name, attribute) -> str:
        # A function may answer anything once its resource's properties have changed.
        counts = self.changed if self.template["Resources"][name]["Type"] == "AWS::CloudFormation::CustomResource" else self.made
        return f"<{name}.{attribute} {counts.get(name, 0)}>"

    def resources(self) -> dict:
        there = {name: entry for name, entry in self.template["Resources"].items() if "Condition" not in entry or self.holds(entry["Condition"])}
        return {name: self.value(entry.get("Properties", {})) for name, entry in there.items()}


class Schemas:
    def __init__(self):
        self.policy = known_types()
        self.schemas = schemas_of_regions()

    def create_only(self, kind: str) -> list[str]:
        pointers = {p for schema in self.schemas[kind] for key in ("createOnlyProperties", "conditionalCreateOnlyProperties") for p in schema.get(key, [])}
        paths = {pointer.removeprefix("/properties/") for pointer in pointers} | set(self.policy["beyond_schema"].get(kind, []))
        return sorted(paths - set(self.policy["in_place"].get(kind, [])))

    def replaces(self, kind: str, before: dict, after: dict) -> bool:
        if kind == "AWS::CloudFormation::CustomResource":
            return before.get("ServiceToken") != after.get("ServiceToken")
        for path in self.create_only(kind):
            old, new = at(before, path), at(after, path)
            added = old in (None, "false") and path in self.policy["in_place_when_added"].get(kind, [])
            if old != new and not added:
                return True
        return False

    def holds_data(self, kind: str, properties: dict) -> bool:
        return kind in self.policy["data"] and not set(self.policy["data_elsewhere"].get(kind, [])) & set(properties)


def at(properties, path: str):
    for step in path.split("/"):
        properties = properties.get(step) if isinstance(properties, dict) else None
    return properties


def losses(template: dict, before: dict, after: dict, schemas: Schemas) -> list[str]:
    old = Evaluation(template, before, {}, {}).resources()
    made, changed = {}, {}
    while True:
        new = Evaluation(template, after, made, changed).resources()
        kinds = {name: template["Resources"][name]["Type"] for name in old}
        again = {name: 1 for name in old if name in new and schemas.replaces(kinds[name], old[name], new[name])}
        differing = {name: 1 for name in old if name in new and old[name] != new[name]}
        if (again, differing) == (made, changed):
            break
        made, changed = again, differing
    return [
        f"{name} {'replaced' if name in new else 'deleted'}"
        for name, properties in old.items()
        if schemas.holds_data(kinds[name], properties) and (name not in new or name in made)
    ]


def another(name: str, parameter: dict, value: str) -> str:
    """A value that a user might choose instead."""
    allowed = [text(each) for each in parameter.get("AllowedValues", [])]
    if allowed:
        return next((each for each in reversed(allowed) if each != value), value)
    if parameter["Type"] == "CommaDelimitedList":
        return "one,two,three"
    if parameter["Type"] == "Number" or value.isdigit():
        return str(int(value) + 1)
    return f"{value}x"


def values_of(template: dict, plan: dict, given: dict) -> dict:
    prescribed = {name: text(value) for name, value in (plan.get("ParameterValues") or {}).items()}
    defaults = {name: text(value) for name, value in (plan.get("ParameterDefaults") or {}).items()}
    own = {name: text(entry.get("Default", text((entry.get("AllowedValues") or ["x"])[0]))) for name, entry in template.get("Parameters", {}).items()}
    return {**own, **defaults, **{name: value for name, value in given.items() if name not in prescribed}, **prescribed}


def cases(class_name: str, schemas: Schemas) -> dict[str, list[str]]:
    """By what is changed, as the unit test makes it."""
    template = load(class_name)
    specification = template["Metadata"]["AWS::ServiceBroker::Specification"]
    plans = specification["ServicePlans"]
    found = {}
    for old_name, old_plan in plans.items():
        offered = {name: entry for name, entry in template.get("Parameters", {}).items() if name not in (old_plan.get("ParameterValues") or {})}
        plain = values_of(template, old_plan, {})
        chosen = {name: another(name, entry, plain[name]) for name, entry in offered.items()}
        for given, what in (({}, ""), (chosen, ", with values of the user")):
            before = values_of(template, old_plan, given)
            for new_name, new_plan in plans.items():
                if new_name != old_name:
                    found[f"{old_name} to {new_name}{what}"] = losses(template, before, values_of(template, new_plan, given), schemas)
        for name in specification.get("UpdatableParameters") or []:
            if name in offered:
                for start, end in ((plain, chosen[name]), ({**plain, name: chosen[name]}, plain[name])):
                    found[f"{old_name}: {name} {start[name]} to {end}"] = losses(template, start, {**start, name: end}, schemas)
    return found


def class_names() -> list[str]:
    return sorted(path.name.removesuffix("-main.yaml") for path in (REPOSITORY / "templates").glob("*-main.yaml"))


def document() -> str:
    schemas = Schemas()
    return json.dumps({name: cases(name, schemas) for name in class_names()}, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(document())
