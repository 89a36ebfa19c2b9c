"""The broker may do what it does, and no more: the policy of deploy/prerequisites.yaml beside the calls that the integration tests' brokers have made.

`make integration` runs this after them; CHANDLERY_AWS_CALLS names the folder where they noted their calls.
"""

import os
import re
from pathlib import Path

import pytest
from prerequisites import Prerequisites, actions, listed

SERVICES = {"monitoring": "cloudwatch"}  # whose actions have another prefix than their signatures
ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:ListObjectsV2": "s3:ListBucket",
}
# Called for another action, or inside one, and no operation of its own.
PART_OF = {
    "iam:TagUser": "iam:CreateUser",
    "cloudformation:TagResource": "cloudformation:CreateStack",
    "cloudformation:CreateChangeSet": "cloudformation:CreateStack",  # of the transform that some templates have
}
# What the emulator does not bring about: unit tests have these calls (tests/unit/broker, with a fake CloudFormation).
NOT_ON_THE_EMULATOR = {
    "cloudformation:CancelUpdateStack",  # it deletes a stack whose update goes on
    "cloudformation:ContinueUpdateRollback",  # its roll-backs do not fail
    "cloudformation:DescribeEvents",  # it finds nothing wrong with a template before it begins
}
# The doctor's question, which it can do without; and what the web identity's token, not a policy, allows.
NOT_FOR_THE_POLICY = {"iam:SimulatePrincipalPolicy", "sts:AssumeRoleWithWebIdentity"}


def allowed() -> set[str]:
    """With every parameter set."""
    everything = Prerequisites(
        TargetRoles="arn:aws:iam::*:role/chandlery", TemplateBucket="templates",
        EncryptionKeyArn="arn:aws:kms:us-east-1:111122223333:key/1", BindingsActOn="RolesAndFunctions",
    )  # fmt: skip
    return actions({"BrokerPolicy": everything.policies()["BrokerPolicy"]})


@pytest.fixture(scope="module")
def called() -> set[str]:
    folder = os.environ.get("CHANDLERY_AWS_CALLS")
    assert folder, "the integration tests have to run before: make integration"
    calls = "\n".join(file.read_text() for file in Path(folder).glob("*.txt"))
    found = set()
    for line in calls.splitlines():
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
        action = f"{SERVICES.get(labels['service'], labels['service'])}:{labels['operation']}"
        found.add(ACTIONS.get(action, action))
    assert len(found) > 10, "these are not the calls of the integration tests"
    return found - NOT_FOR_THE_POLICY


def test_the_policy_lacks_nothing_that_the_broker_calls(called):
    assert called - allowed() == set()


def test_the_policy_has_nothing_that_the_broker_does_not_call(called):
    unneeded = {action for action in allowed() - called if PART_OF.get(action) not in called}
    assert unneeded == NOT_ON_THE_EMULATOR - called


READS = {"cloudformation": ("Describe", "List"), "iam": ("List", "Get")}  # by which the broker finds out whose something is


def test_what_it_changes_or_reads_in_secret_is_tagged_as_the_brokers_own():
    document = Prerequisites(BrokerId="mine").policies()["BrokerPolicy"]
    for statement in document["Statement"]:
        for action in listed(statement["Action"]):
            service, _, name = action.partition(":")
            if service not in ("cloudformation", "iam", "secretsmanager") or name.startswith(READS.get(service, ())):
                continue
            if statement["Sid"] in ("Transforms", "RolesOfBindings"):
                continue
            tags = statement["Condition"]["StringEquals"]
            kind = "RequestTag" if name in ("CreateStack", "TagResource", "CreateUser", "TagUser") else "ResourceTag"
            assert tags == {f"aws:{kind}/aws-service-broker:broker-id": "mine"}, action


def test_secrets_are_not_read_by_cloudformation_with_these_rights():
    document = Prerequisites().policies()["BrokerPolicy"]
    for statement in document["Statement"]:
        if {"ssm:GetParameter", "secretsmanager:GetSecretValue"} & set(listed(statement["Action"])):
            assert statement["Condition"]["Null"] == {"aws:CalledVia": "true"}, statement["Sid"]


def test_no_action_is_a_pattern():
    assert not [action for action in allowed() if "*" in action]
