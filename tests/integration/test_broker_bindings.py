"""Bindings against the emulator: what is revoked with them, rotation, lifetimes, functions, roles."""

import io
import json
import subprocess
import zipfile

import pytest
from botocore.exceptions import ClientError
from chandlery_dev.processes import wait_until
from chandlery_dev.walkthrough import class_id, plan_id
from osb_client import new_id

KEYS = ("S3_AWS_ACCESS_KEY_ID", "S3_AWS_SECRET_ACCESS_KEY")
SMALL = {"plan": "custom", "parameters": {"PreventDeletion": "False"}}

FUNCTION = """
def handler(event, context):
    if event.get("BINDING_ID", "").startswith("bad"):
        raise RuntimeError("no such schema")
    return {"user": "u-" + event["BINDING_ID"], "name": event.get("NAME", "")}
"""

FUNCTION_TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Description: credentials that a function makes
Metadata:
  AWS::ServiceBroker::Specification:
    Version: 1.0
    Name: viafunction
    DisplayName: Via function
    LongDescription: A class whose bindings are made by a function
    ProviderDisplayName: tests
    BindViaLambda: true
    ServicePlans:
      one: {DisplayName: one, Description: one, LongDescription: one}
Parameters:
  FunctionArn: {Type: String}
Resources:
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Name: {Value: orders}
  BindLambda: {Value: !Ref FunctionArn}
"""


@pytest.fixture
def instance(osb):
    made = new_id()
    osb.provisioned(made, **SMALL)
    yield made
    osb.deprovisioned(made, plan="custom")


def user_of(binding: str) -> str:
    return f"aws-sb-binding-{binding}"


def keys_in_account(emulator, account) -> set[str]:
    iam = emulator.client("iam")
    return {key["AccessKeyId"] for user in account.users() for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}


def test_a_binding_has_a_user_with_the_stacks_policies_until_it_is_unbound(osb, instance, emulator, account):
    iam, binding = emulator.client("iam"), new_id()
    credentials = osb.bind(instance, binding, plan="custom").body["credentials"]
    user = iam.get_user(UserName=user_of(binding))["User"]
    assert user["Path"] == "/aws-service-broker/"
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(UserName=user_of(binding))["Tags"]}
    assert tags["aws-service-broker:instance-id"] == instance
    assert tags["aws-service-broker:binding-id"] == binding
    policies = iam.list_user_policies(UserName=user_of(binding))["PolicyNames"]
    assert policies
    document = iam.get_user_policy(UserName=user_of(binding), PolicyName=policies[0])["PolicyDocument"]
    assert credentials["BUCKET_NAME"] in json.dumps(document)

    assert osb.bind(instance, binding, plan="custom").body["credentials"] == credentials
    assert osb.call("GET", f"/v2/service_instances/{instance}/service_bindings/{binding}").body["credentials"] == credentials
    assert credentials[KEYS[0]] in keys_in_account(emulator, account)
    assert osb.unbind(instance, binding, plan="custom").status == 200
    assert credentials[KEYS[0]] not in keys_in_account(emulator, account)
    assert user_of(binding) not in account.users()
    with pytest.raises(ClientError):
        iam.get_user(UserName=user_of(binding))
    assert osb.unbind(instance, binding, plan="custom").status == 410


def test_a_binding_is_rotated_and_both_are_valid(osb, instance, account):
    path = f"/v2/service_instances/{instance}/service_bindings"
    old, new = new_id(), new_id()
    first = osb.bind(instance, old, plan="custom").body["credentials"]
    rotated = osb.call("PUT", f"{path}/{new}", {"predecessor_binding_id": old})
    assert rotated.status == 201
    assert rotated.body["credentials"][KEYS[0]] != first[KEYS[0]]
    assert {user_of(old), user_of(new)} <= account.users()
    assert osb.call("PUT", f"{path}/{new}", {"predecessor_binding_id": old}).status == 200
    assert osb.call("PUT", f"{path}/{new_id()}", {"predecessor_binding_id": new_id()}).status == 400
    assert osb.unbind(instance, old, plan="custom").status == 200
    assert osb.call("GET", f"{path}/{new}").body["credentials"] == rotated.body["credentials"]
    assert osb.unbind(instance, new, plan="custom").status == 200


def test_the_catalog_says_which_plans_can_be_rotated(osb, make_broker):
    plans = {service["name"]: service["plans"] for service in osb.call("GET", "/v2/catalog").body["services"]}
    assert all(plan["binding_rotatable"] for plan in plans["s3"])
    shared = make_broker("--binding-credentials=shared").client.call("GET", "/v2/catalog").body["services"]
    assert not any(plan.get("binding_rotatable") for service in shared for plan in service["plans"])


@pytest.mark.parametrize(
    "change, status",
    [
        ({}, 200),
        ({"parameters": {"RoleName": "r"}}, 409),
        ({"parameters": {"Colour": "red"}}, 400),
        ({"parameters": {"Scope": "s"}}, 400),
        ({"service_id": None}, 400),
        ({"plan_id": None}, 400),
        ({"service_id": "another"}, 400),
        ({"plan_id": "another"}, 400),
        ({"parameters": []}, 400),
        ({"predecessor_binding_id": 7}, 400),
    ],
)  # fmt: skip
def test_a_repeated_bind_must_ask_for_the_same(osb, instance, change, status):
    binding = new_id()
    assert osb.bind(instance, binding, plan="custom").status == 201
    request = {"service_id": class_id("s3"), "plan_id": plan_id("s3", "custom"), **change}
    assert osb.call("PUT", f"/v2/service_instances/{instance}/service_bindings/{binding}", request).status == status


def test_an_unbind_must_name_service_and_plan(osb, instance):
    binding = new_id()
    assert osb.bind(instance, binding, plan="custom").status == 201
    assert osb.call("DELETE", f"/v2/service_instances/{instance}/service_bindings/{binding}").status == 400


def test_bindings_have_an_end_where_a_lifetime_is_set(make_broker):
    osb, made, binding = make_broker("--binding-lifetime=2s").client, new_id(), new_id()
    osb.provisioned(made, **SMALL)
    bound = osb.bind(made, binding, plan="custom")
    assert bound.status == 201
    assert bound.body["metadata"]["renew_before"] <= bound.body["metadata"]["expires_at"]
    path = f"/v2/service_instances/{made}/service_bindings"
    wait_until("the binding having expired", lambda: osb.call("GET", f"{path}/{binding}").status == 404, 10)
    assert osb.bind(made, binding, plan="custom").status == 409
    assert osb.call("PUT", f"{path}/{new_id()}", {"predecessor_binding_id": binding}).status == 400
    assert osb.unbind(made, binding, plan="custom").status == 200
    osb.deprovisioned(made, plan="custom")


@pytest.fixture
def function_broker(make_broker, emulator, tmp_path):
    """A broker with the class viafunction, and an instance of it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", FUNCTION)
    function = emulator.client("lambda").create_function(
        FunctionName=f"bind-{new_id()}", Runtime="python3.12", Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/none", Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]  # fmt: skip
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "viafunction-main.yaml").write_text(FUNCTION_TEMPLATE)
    broker = make_broker("--template-folder", str(folder))
    made = new_id()
    broker.client.provisioned(made, service="viafunction", plan="one", parameters={"FunctionArn": function})
    return broker, made


def binding_call(osb, method: str, instance: str, binding: str, query: str = "accepts_incomplete=true"):
    ids = {"service_id": class_id("viafunction"), "plan_id": plan_id("viafunction", "one")}
    query += "".join(f"&{name}={value}" for name, value in ids.items()) if method == "DELETE" else ""
    return osb.call(method, f"/v2/service_instances/{instance}/service_bindings/{binding}?{query}", ids if method == "PUT" else None)


def settled(osb, instance: str, binding: str, operation: str):
    def answer():
        polled = osb.call("GET", f"/v2/service_instances/{instance}/service_bindings/{binding}/last_operation?operation={operation}")
        return polled if polled.body.get("state") != "in progress" else None

    return wait_until(f"the {operation} of {binding}", answer, 60)


def test_a_function_makes_credentials_in_the_background(function_broker):
    broker, made = function_broker
    osb, binding = broker.client, new_id()
    accepted = binding_call(osb, "PUT", made, binding)
    assert accepted.status == 202
    assert accepted.body == {"operation": "bind"}
    assert settled(osb, made, binding, "bind").body["state"] == "succeeded"
    expected = {"user": f"u-{binding}", "name": "orders"}
    assert osb.call("GET", f"/v2/service_instances/{made}/service_bindings/{binding}").body["credentials"] == expected
    assert binding_call(osb, "PUT", made, binding).status == 200
    assert binding_call(osb, "DELETE", made, binding).status == 202
    assert settled(osb, made, binding, "unbind").status == 410


def test_a_function_is_waited_for_where_the_platform_asks_for_it(function_broker):
    broker, made = function_broker
    osb, binding = broker.client, new_id()
    bound = binding_call(osb, "PUT", made, binding, "")
    assert bound.status == 201
    assert bound.body["credentials"]["user"] == f"u-{binding}"
    assert binding_call(osb, "DELETE", made, binding, "").status == 200


def test_a_functions_failure_is_told_in_its_own_words(function_broker):
    broker, made = function_broker
    osb, binding = broker.client, f"bad-{new_id()}"
    refused = binding_call(osb, "PUT", made, binding, "")
    assert refused.status == 400
    assert "no such schema" in refused.body["description"]
    assert binding_call(osb, "PUT", made, binding).status == 202
    failed = settled(osb, made, binding, "bind")
    assert failed.body["state"] == "failed"
    assert "no such schema" in failed.body["description"]


def test_a_bind_that_was_promised_is_made_after_a_crash(function_broker):
    broker, made = function_broker
    osb, binding = broker.client, new_id()
    assert binding_call(osb, "PUT", made, binding).status == 202
    broker.restart_after_kill()
    assert settled(osb, made, binding, "bind").body["state"] == "succeeded"


ROLE_TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Description: a topic that roles may be allowed to read
Metadata:
  AWS::ServiceBroker::Specification:
    Version: 1.0
    Name: forroles
    DisplayName: For roles
    LongDescription: A class whose bindings attach a policy to a role
    ProviderDisplayName: tests
    ServicePlans:
      one: {DisplayName: one, Description: one, LongDescription: one}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: sns:GetTopicAttributes, Resource: !Ref Topic}]
Outputs:
  Topic: {Value: !Ref Topic}
  PolicyArnReader: {Value: !Ref Reader}
"""


def test_a_role_has_the_stacks_policy_until_it_is_unbound(make_broker, emulator, tmp_path):
    (tmp_path / "forroles-main.yaml").write_text(ROLE_TEMPLATE)
    osb, iam = make_broker("--template-folder", str(tmp_path)).client, emulator.client("iam")
    made, binding, role = new_id(), new_id(), f"app-{new_id()}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    osb.provisioned(made, service="forroles", plan="one")

    def attached() -> list[str]:
        return [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]

    bound = osb.bind(made, binding, service="forroles", plan="one", parameters={"RoleName": role, "Scope": "reader"})
    assert bound.status == 201, bound
    (policy,) = attached()
    assert ":policy/aws-service-broker-" in policy, "the only ones that deploy/prerequisites.yaml lets the broker attach"
    assert osb.unbind(made, binding, service="forroles", plan="one").status == 200
    assert attached() == []
    osb.deprovisioned(made, service="forroles", plan="one")


def test_instances_are_made_in_the_role_that_the_administrator_binds(make_broker, emulator, tmp_path):
    rules = """
usersMayChooseRole: false
rules:
  - {clusters: [c], namespaces: ['te*'], accountId: '000000000000', roleName: binder, externalId: x, regions: [eu-west-1]}
"""
    file = tmp_path / "roles.yaml"
    file.write_text(rules)
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    emulator.client("iam").create_role(RoleName="binder", AssumeRolePolicyDocument=json.dumps(trust))
    broker = make_broker("--role-bindings", str(file))
    osb = broker.client
    properties = osb.call("GET", "/v2/catalog").body["services"][0]["plans"][0]["schemas"]["service_instance"]["create"]["parameters"]["properties"]
    assert not {"target_role_name", "target_account_id", "region"} & set(properties)
    refused = osb.provision(new_id(), plan="custom", parameters={"region": "us-east-1"})
    assert refused.status == 400
    assert "administrator" in refused.body["description"]
    made = new_id()
    osb.provisioned(made, **SMALL)
    assert osb.bind(made, new_id(), plan="custom").body["credentials"]["S3_REGION"] == "eu-west-1"
    file.write_text(rules.replace("eu-west-1", "eu-central-1"))
    broker.process.hang_up()
    wait_until("the rules being taken anew", lambda: "role bindings" in broker.process.output(), 10)
    later = new_id()
    osb.provisioned(later, **SMALL)
    assert osb.bind(later, new_id(), plan="custom").body["credentials"]["S3_REGION"] == "eu-central-1"
    for instance in (made, later):
        osb.deprovisioned(instance, plan="custom")


@pytest.mark.parametrize("flags", [("--binding-lifetime=soon",), ("--role-bindings=/nowhere",)])
def test_a_wrong_setting_is_told_at_start(bin_dir, emulator, tmp_path, flags):
    command = [str(bin_dir / "aws-servicebroker"), "--insecure", "--port=0", "--data-dir", str(tmp_path), *flags]
    done = subprocess.run(command, env=emulator.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert flags[0].split("=")[0] in done.stderr + done.stdout
