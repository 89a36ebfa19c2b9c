"""The simulation's model of AWS against the emulator: the same calls of the same clients, and what they come to.

Where the two differ the emulator is at fault, and AWS's own words say so; a difference that is gone must go from the list.
"""

import subprocess
from collections import defaultdict
from pathlib import Path

# What is compared → the model's values, the emulator's, and what AWS says.
KNOWN_DIFFERENCES = {
    "refusals: unknown parameter": (["ValidationError"], ["CREATE_COMPLETE"], "Parameters: [Unknown] do not exist in the template (the service's message)"),
    "refusals: unresolved reference": (
        ["ValidationError"],
        ["CREATE_COMPLETE"],
        "Template format error: Unresolved resource dependencies [X] in the Resources block of the template (the service's message)",
    ),
    "refusals: no resources": (["ValidationError"], ["CREATE_COMPLETE"], "Resources (required) (Template sections)"),
    "refusals: no capability": (
        ["InsufficientCapabilitiesException"],
        ["CREATE_COMPLETE"],
        "If you don't specify either of these capabilities, CloudFormation returns an InsufficientCapabilities error. (CreateStack, Capabilities)",
    ),
    "tokens: the same token": (
        ["the same stack"],
        ["AlreadyExistsException"],
        "Specify this token if you plan to retry requests so that CloudFormation knows that you're not attempting to create a stack with the same name. "
        "(CreateStack, ClientRequestToken)",
    ),
    "failures: delete with an object": (
        ["DELETE_FAILED"],
        ["ValidationError"],
        "You can only delete empty buckets. Deletion fails for buckets that have contents. (AWS::S3::Bucket)",
    ),
    "references: a user with a key": (["CREATE_COMPLETE"], ["ValidationError"], "AWS::IAM::AccessKey is a resource type (Template reference)"),
    "references: its keys": (["1"], ["0"], "the same"),
    "references: delete with a key of someone else": (
        ["DELETE_FAILED"],
        ["ValidationError"],
        "you must delete the items attached to the user manually, or the deletion fails (IAM, DeleteUser)",
    ),
    "users: bad name": (
        ["ValidationError"],
        ["ok"],
        "a string of characters consisting of upper and lowercase alphanumeric characters with no spaces (IAM, CreateUser, UserName)",
    ),
    "users: third key": (["LimitExceeded"], ["ok"], "Access keys assigned to an IAM user: 2 (IAM and AWS STS quotas)"),
    "users: delete key": (["ok"] * 2, ["ok"] * 3, "the same"),
}


def facts_of(program: Path, *arguments: str) -> dict[str, list[str]]:
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    facts = defaultdict(list)
    for line in done.stdout.splitlines():
        name, _, value = line.rpartition(": ")
        facts[name].append(value)
    return dict(facts)


def test_model_and_emulator_do_the_same(bin_dir, emulator):
    program = bin_dir / "aws-scenarios"
    model, emulated = facts_of(program), facts_of(program, emulator.url)
    assert len(model) > 100
    differences = {name: (model.get(name), emulated.get(name)) for name in {*model, *emulated} if model.get(name) != emulated.get(name)}
    assert differences == {name: (ours, theirs) for name, (ours, theirs, _) in KNOWN_DIFFERENCES.items()}
