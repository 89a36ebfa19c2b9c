"""CloudFormation may do for the broker's stacks what our templates need, and no more: the stack policies of deploy/prerequisites.yaml beside
tests/data/stack_permissions.yaml, for every choice of the groups of classes.
"""

import itertools
import json
import re
from functools import cache

import pytest
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.templates import class_names
from prerequisites import ACCOUNT, FILE, IDENTITIES, Prerequisites, actions, listed, statements
from stack_permissions import KNOWN, needed, types

ALWAYS = {"athena", "polly", "rekognition", "s3", "sqs", "translate"}
GROUPS = {
    "Databases": {
        "auroramysql", "aurorapostgresql", "documentdb", "dynamodb", "elasticache", "rdsmariadb", "rdsmssql", "rdsmysql", "rdsoracle", "rdspostgresql",
    },
    "Messaging": {"kinesis", "mq", "sns"},
    "Analytics": {"elasticsearch", "emr", "kms", "redshift"},
    "OtherClasses": {"codecommit", "cognito", "lex", "route53"},
}  # fmt: skip
# Each the groups that are allowed.
CHOICES = [set(allowed) for count in range(len(GROUPS) + 1) for allowed in itertools.combinations(GROUPS, count)]
# The Service Authorization Reference, as cfn-lint has it: the actions of each service, and the ARNs of what they are about.
REFERENCE = load_resource(AdditionalSpecs, "Policies.json")


def stack_policies(**parameters: str) -> dict[str, dict]:
    return {name: document for name, document in Prerequisites(**parameters).policies().items() if name != "BrokerPolicy"}


def chosen(allowed: set[str]) -> dict[str, dict]:
    return stack_policies(**{group: "Allowed" if group in allowed else "Denied" for group in GROUPS})


def needed_by(classes: set[str]) -> set[str]:
    return set().union(*map(needed, classes))


def test_every_class_is_in_one_group_or_always_allowed():
    assert sorted([*ALWAYS, *itertools.chain.from_iterable(GROUPS.values())]) == class_names()
    page = (REPOSITORY / "docs/install.md").read_text()
    for group, classes in GROUPS.items():
        assert f"| `{group}` | {', '.join(f'`{name}`' for name in sorted(classes))} |\n" in page


def test_all_that_is_known_of_types_is_about_types_of_the_templates():
    assert set().union(*map(types, class_names())) == KNOWN["types"].keys()


def test_what_is_said_of_single_actions_is_about_actions_that_the_handlers_list():
    for name, known in KNOWN["types"].items():
        handlers = set().union(*(known.get(handler, []) for handler in ("create", "read", "update", "delete")))
        for said in itertools.chain(known.get("only_with", {}).values(), known.get("never", {}).values()):
            assert set(said) <= handlers, name
        assert not handlers & {*itertools.chain.from_iterable(known.get("also", {}).values())}, name
        assert known.get("source", "schemas") in KNOWN["sources"], name


@pytest.mark.parametrize("class_name", class_names())
def test_by_default_no_class_lacks_an_action(class_name):
    assert needed(class_name) - actions(stack_policies()) == set()


@pytest.mark.parametrize("allowed", CHOICES, ids=lambda allowed: "+".join(sorted(allowed)) or "none")
def test_a_group_that_is_denied_takes_its_classes_away_and_all_that_only_they_need(allowed):
    classes = ALWAYS.union(*(GROUPS[group] for group in allowed))
    given = actions(chosen(allowed))
    assert {name for name in class_names() if needed(name) <= given} == classes
    assert given - needed_by(classes) == set()


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_identity_has_all_policies_within_the_limits_of_iam(identity):
    policies = Prerequisites(Identity=identity).policies()
    assert policies.keys() == Prerequisites().policies().keys()
    assert list(policies)[:2] == ["BrokerPolicy", "StackPolicy"]
    assert len(policies) <= 10, "managed policies of an identity, which can be more only on request"
    for name, document in policies.items():
        assert len("".join(json.dumps(document).split())) <= 6144, name


def test_the_template_goes_into_a_request():
    assert len(FILE.read_bytes()) <= 51_200, "--template-body takes no longer one"


@pytest.mark.parametrize("name", stack_policies())
def test_a_policy_holds_for_calls_by_cloudformation_only_and_has_no_patterns_of_actions(name):
    document = stack_policies()[name]
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(sids) == len(set(sids))
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Condition"]["ForAnyValue:StringEquals"] == {"aws:CalledVia": "cloudformation.amazonaws.com"}, statement["Sid"]
    given = list(itertools.chain.from_iterable(listed(statement["Action"]) for statement in document["Statement"]))
    assert not [action for action in given if "*" in action or "?" in action]


@cache
def have_one_in_common(one: str, other: str) -> bool:
    """Whether a text matches both patterns, in which * stands for any text."""
    if not one or not other:
        return set(one + other) <= {"*"}
    if one[0] == "*":
        return have_one_in_common(one[1:], other) or have_one_in_common(one, other[1:])
    if other[0] == "*":
        return have_one_in_common(other, one)
    return one[0] == other[0] and have_one_in_common(one[1:], other[1:])


def is_of(allowed: str, arn: str) -> bool:
    return all(itertools.starmap(have_one_in_common, zip(allowed.split(":", 5), arn.split(":", 5), strict=True)))


def arns_of(action: str) -> list[str]:
    """Patterns of what the action is about; none where it is about nothing that has an ARN."""
    service, name = action.lower().split(":")
    assert name in REFERENCE[service]["Actions"], f"there is no {action}"
    kinds = listed(REFERENCE[service]["Actions"][name].get("Resources") or [])
    formats = itertools.chain.from_iterable(REFERENCE[service]["Resources"][kind.lower()]["ARNFormats"] for kind in kinds)
    known = {"${Partition}": "aws", "${Region}": "eu-west-1", "${Account}": ACCOUNT}
    return [re.sub(r"\$\{\w+\}", lambda found: known.get(found[0], "*"), each.replace(".*", "*")) for each in formats]


def test_a_statement_allows_its_actions_on_what_they_are_about():
    for statement in statements(stack_policies()):
        allowed = listed(statement["Resource"])
        for action in listed(statement["Action"]):
            pairs = itertools.product(allowed, arns_of(action))
            assert allowed == ["*"] or any(is_of(*pair) for pair in pairs), (statement["Sid"], action)


def test_all_resources_are_given_only_where_no_arn_is_known_before():
    """Not a limit of IAM, but ours: an action that changes what is there already names what it changes."""
    for statement in statements(stack_policies()):
        if statement["Resource"] == "*":
            verbs = {re.match("[A-Z][a-z]+", action.partition(":")[2])[0] for action in listed(statement["Action"]) if arns_of(action)}
            assert verbs <= {"Describe", "List", "Get", "Create", "Tag", "Start"}, statement["Sid"]
