"""deploy/prerequisites.yaml, made on the emulator for each kind of identity."""

import json
from urllib.parse import unquote

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from osb_client import new_id

TEMPLATE = REPOSITORY / "deploy/prerequisites.yaml"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"
BROKER = "arn:aws:iam::111122223333:role/broker"
POLICIES = {"BrokerPolicy", "StackPolicy", "DatabaseStackPolicy", "MessagingStackPolicy", "AnalyticsStackPolicy", "OtherStackPolicy"}


class Made:
    """The stack's outputs in their order, and its resources by logical id."""

    def __init__(self, emulator, name: str, **parameters: str):
        cloudformation = emulator.client("cloudformation")
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE.read_text(), Parameters=given, Capabilities=["CAPABILITY_IAM"])

        def complete():
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            return stack if stack["StackStatus"] == "CREATE_COMPLETE" else None

        stack = wait_until("the stack being complete", complete, 30)
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        self.resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}


@pytest.fixture
def make(emulator):
    names = []

    def make(**parameters: str) -> Made:
        names.append(f"prerequisites-{new_id()}")
        return Made(emulator, names[-1], **parameters)

    yield make
    for name in names:
        emulator.client("cloudformation").delete_stack(StackName=name)


def trust_of(emulator, role: str) -> dict:
    document = emulator.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = (json.loads(unquote(document)) if isinstance(document, str) else document)["Statement"]
    return statement


def sids_of(emulator, policy: str) -> set[str]:
    iam = emulator.client("iam")
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"]
    return {statement["Sid"] for statement in (json.loads(unquote(document)) if isinstance(document, str) else document)["Statement"]}


def test_without_parameters_there_are_a_user_and_a_table(emulator, make):
    made = make(TableName=f"awssb-{new_id()}")
    assert next(iter(made.outputs)) == "BrokerUserName"
    attached = emulator.client("iam").list_attached_user_policies(UserName=made.outputs["BrokerUserName"])["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attached} == {made.resources[policy] for policy in POLICIES}
    assert emulator.client("dynamodb").describe_table(TableName=made.outputs["TableName"])["Table"]["TableStatus"] == "ACTIVE"
    optional = {"TargetRoles", "Templates", "SentTemplates", "SealingKey", "RolesOfBindings", "FunctionsOfBindings"}
    assert not sids_of(emulator, made.resources["BrokerPolicy"]) & optional


def test_a_role_for_the_service_account_of_a_cluster(emulator, make):
    made = make(Identity="ServiceAccountRole", OidcIssuer=ISSUER, TableName=f"awssb-{new_id()}")
    assert "BrokerUser" not in made.resources
    assert made.outputs["ServiceAccountRoleArn"].endswith(f":role/{made.resources['ServiceAccountRole']}")
    trust = trust_of(emulator, made.resources["ServiceAccountRole"])
    assert trust["Principal"]["Federated"].endswith(f":oidc-provider/{ISSUER}")
    assert trust["Condition"]["StringEquals"] == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "system:serviceaccount:aws-sb:aws-servicebroker-service",
    }


def test_a_role_by_pod_identity(emulator, make):
    made = make(Identity="PodIdentityRole", ServiceAccount="brokers:mine", TableName=f"awssb-{new_id()}")
    trust = trust_of(emulator, made.resources["PodIdentityRole"])
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    tags = trust["Condition"]["StringEquals"]
    assert tags["aws:RequestTag/kubernetes-namespace"] == "brokers"
    assert tags["aws:RequestTag/kubernetes-service-account"] == "mine"


def test_a_worker_role_in_another_account_has_no_table_and_knows_its_broker(emulator, make):
    made = make(Identity="WorkerRole", BrokerArn=BROKER, ExternalId="chandlery-production")
    assert made.resources.keys() == {"WorkerRole", *POLICIES}
    trust = trust_of(emulator, made.resources["WorkerRole"])
    assert trust["Principal"] == {"AWS": BROKER}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "chandlery-production"}}
    assert "Records" not in sids_of(emulator, made.resources["BrokerPolicy"])
    assert "Condition" not in trust_of(emulator, make(Identity="WorkerRole", BrokerArn=BROKER).resources["WorkerRole"])


def test_a_worker_role_reads_long_templates_but_does_not_write_them(emulator, make):
    sids = sids_of(emulator, make(Identity="WorkerRole", BrokerArn=BROKER, TemplateBucket="templates").resources["BrokerPolicy"])
    assert "Templates" in sids
    assert "SentTemplates" not in sids


def test_groups_of_classes_that_are_denied_leave_no_policy(emulator, make):
    made = make(Identity="WorkerRole", BrokerArn=BROKER, Databases="Denied", Messaging="Denied", Analytics="Denied", OtherClasses="Denied")
    assert made.resources.keys() == {"WorkerRole", "BrokerPolicy", "StackPolicy"}
    attached = emulator.client("iam").list_attached_role_policies(RoleName=made.resources["WorkerRole"])["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attached} == {made.resources["BrokerPolicy"], made.resources["StackPolicy"]}
    assert sids_of(emulator, made.resources["StackPolicy"]) == {"Identities", "Functions", "Buckets", "Queues"}


def test_what_only_some_brokers_do_is_allowed_to_them_only(emulator, make):
    made = make(
        TableName=f"awssb-{new_id()}", TargetRoles="arn:aws:iam::*:role/chandlery", TemplateBucket="templates",
        EncryptionKeyArn="arn:aws:kms:us-east-1:111122223333:key/1", BindingsActOn="RolesAndFunctions",
    )  # fmt: skip
    assert sids_of(emulator, made.resources["BrokerPolicy"]) >= {
        "TargetRoles", "Templates", "SentTemplates", "SealingKey", "RolesOfBindings", "FunctionsOfBindings",
    }  # fmt: skip


def test_the_doctor_misses_nothing_in_what_the_broker_may_do(emulator, make, run_broker):
    made = make(TableName=f"awssb-{new_id()}")
    iam, user = emulator.client("iam"), made.outputs["BrokerUserName"]
    emulator.grant_by_tag(made.resources["BrokerPolicy"], "awsservicebroker")
    key = iam.create_access_key(UserName=user)["AccessKey"]
    environment = emulator.environment(key["AccessKeyId"], key["SecretAccessKey"])
    done = run_broker("--insecure", "--table-name", made.outputs["TableName"], command="doctor", environment=environment)
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    told = [line for line in done.stdout.splitlines() if "permissions" in line]
    assert told == ["OK    permissions: everything that the broker calls itself"]
