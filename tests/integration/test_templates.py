"""Templates as CloudFormation gets them, and `aws-servicebroker lint`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from chandlery_dev.templates import FOLDER, class_names, expanded
from osb_client import new_id
from replacement_oracle import load


@pytest.mark.parametrize("name", class_names())
def test_cloudformation_s_own_schemas_agree(name, tmp_path):
    file = tmp_path / "template.json"
    file.write_text(expanded(name))
    cfn_lint = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run([cfn_lint, "--non-zero-exit-code", "error", file], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert len(file.read_text()) < 51_200, "longer ones do not go into a CreateStack request"


def parameters_in(value, parameters):
    """The names of those that are a part of the value."""
    if isinstance(value, list):
        for each in value:
            yield from parameters_in(each, parameters)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "Ref" and each in parameters:
                yield each
            elif key == "Fn::Sub":
                text, variables = (each, {}) if isinstance(each, str) else each
                yield from (name for name in re.findall(r"\$\{([^}!]+)\}", text) if name in parameters)
                yield from parameters_in(variables, parameters)
            else:
                yield from parameters_in(each, parameters)


def reaching_policies(name):
    """The parameters that get into a policy of IAM or of a key, with their declarations."""
    template = load(name)
    parameters = template.get("Parameters", {})
    policies = [template["Metadata"]["AWS::ServiceBroker::Specification"].get("Bindings", {})]
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        policies.append(properties if resource["Type"].startswith("AWS::IAM::") else [each for key, each in properties.items() if "Polic" in key])
    found = sorted(set(parameters_in(policies, parameters)))
    return {each: parameters[each] for each in found if parameters[each]["Type"] != "AWS::EC2::VPC::Id"}  # AWS looks those up


POLICY_PARAMETERS = [(name, parameter) for name in class_names() for parameter in reaching_policies(name)]


def test_parameters_that_get_into_policies_are_known():
    expected = {"athena": ["AthenaDBName", "S3Source", "TableName"], "emr": ["SubnetIds", "VpcId"], "kms": ["CloudformationRoleArn", "KeyAdministratorRoleArn"],
                "polly": ["LexiconPrefix"], "sns": ["ExistingTopicArn"]}  # fmt: skip
    assert {(name, parameter) for name, parameters in expected.items() for parameter in parameters} == set(POLICY_PARAMETERS)


@pytest.mark.parametrize(("name", "parameter"), POLICY_PARAMETERS)
def test_no_user_can_write_a_wildcard_into_a_policy(name, parameter):
    declared = reaching_policies(name)[parameter]
    good = {"S3Source": "s3://bucket/folder/year=2026/", "SubnetIds": "subnet-0a1b", "VpcId": "vpc-0a1b", "ExistingTopicArn": "arn:aws:sns:us-east-1:000000000000:mine",
            "KeyAdministratorRoleArn": "arn:aws:iam::000000000000:role/a/b", "CloudformationRoleArn": "arn:aws-cn:iam::000000000000:role/b"}  # fmt: skip
    value = good.get(parameter, "mine")
    assert re.fullmatch(declared["AllowedPattern"], value)
    assert re.fullmatch(declared["AllowedPattern"], declared.get("Default", value))
    for wild in ("*", "?", "${aws:username}"):
        for wrong in (wild, value + wild, wild + value):
            assert not re.fullmatch(declared["AllowedPattern"], wrong), wrong
    if parameter == "S3Source":
        for wrong in ("s3://*/", "s3:///", "s3://buck*/a", "s3://b?cket/a", "s3://bucket", "s3://bucket/it's"):
            assert not re.fullmatch(declared["AllowedPattern"], wrong), wrong


def test_a_wildcard_is_refused_before_anything_is_made(osb, account):
    instance = new_id()
    answer = osb.provision(instance, service="sns", plan="subscription", parameters={"ExistingTopicArn": "*"})
    assert answer.status == 400
    assert "ExistingTopicArn" in answer.body["description"]
    assert account.stacks(instance) == []


def lint(bin_dir, *arguments) -> subprocess.CompletedProcess:
    command = [bin_dir / "aws-servicebroker", "lint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_lint_tells_what_a_template_offers(bin_dir):
    done = lint(bin_dir, *sorted(FOLDER.glob("*-main.yaml")))
    assert done.returncode == 0
    assert f"{FOLDER}/s3-main.yaml: the class s3 with 2 plans and 7 resources\n" in done.stdout


def test_lint_warns_of_what_takes_a_bucket(bin_dir, tmp_path):
    file = tmp_path / "s3-main.yaml"
    file.write_text((FOLDER / "s3-main.yaml").read_text().replace("LongDescription: A private", "LongDescription: A private" + "." * 51_200))
    done = lint(bin_dir, file)
    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if "51200" in line]
    assert warning.startswith(f"{file}: warning: it has ")
    assert "--s3Bucket" in warning


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "malformed YAML at line 1"),
        ("[]", "not a YAML map"),
        ("Resources: {}", "AWS::ServiceBroker::Specification"),
        ("&a [*a, *a]", "YAML"),
    ],
)
def test_lint_says_what_is_wrong_where(bin_dir, tmp_path, text, says):
    file = tmp_path / "wrong-main.yaml"
    file.write_text(text)
    done = lint(bin_dir, file, FOLDER / "s3-main.yaml")
    assert done.returncode == 1
    assert str(file) in done.stderr
    assert says in done.stderr
    assert "the class s3" in done.stdout, "the others are checked all the same"
    assert lint(bin_dir, tmp_path / "none.yaml").returncode == 1
    assert lint(bin_dir).returncode == 2
