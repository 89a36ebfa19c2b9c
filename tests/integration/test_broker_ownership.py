"""Two brokers in one account, two namespaces at one broker, users and secrets of others: nobody reaches what is not his."""

import pytest
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.walkthrough import class_id, plan_id
from osb_client import new_id

TEMPLATES = REPOSITORY / "tests/data/templates"
QUEUE = {"service": "queue", "plan": "standard"}
SECRETS = {"service": "secrets", "plan": "standard"}
BROKER_TAG, INSTANCE_TAG = "aws-service-broker:broker-id", "aws-service-broker:instance-id"


def context(namespace: str, **more) -> dict:
    return {"platform": "kubernetes", "namespace": namespace, "clusterid": "c", **more}


@pytest.fixture
def osb(make_broker):
    return make_broker("--template-folder", str(TEMPLATES)).client


@pytest.fixture
def other(make_broker):
    """A client of a second broker; its classes have other ids, but it is told those of the first one's too."""
    return make_broker("--template-folder", str(TEMPLATES), "--brokerId", "other").client


@pytest.fixture
def ids_of(other):
    """service_id and plan_id at the second broker."""
    services = {one["name"]: one for one in other.call("GET", "/v2/catalog").body["services"]}

    def ids(service: str) -> dict:
        return {"service_id": services[service]["id"], "plan_id": services[service]["plans"][0]["id"]}

    return ids


def query(ids: dict) -> str:
    return "&".join(f"{name}={value}" for name, value in ids.items()) + "&accepts_incomplete=true"


def test_another_brokers_instance_is_not_deleted_taken_over_or_bound(osb, other, ids_of, account):
    instance, binding, ids = new_id(), new_id(), ids_of("queue")
    osb.provisioned(instance, **QUEUE)
    path = f"/v2/service_instances/{instance}"
    assert other.call("DELETE", f"{path}?{query(ids)}").status == 410
    body = {**ids, "organization_guid": "o", "space_guid": "s", "context": context("tests")}
    refused = other.call("PUT", f"{path}?accepts_incomplete=true", body)
    assert refused.status == 409
    assert "was not created for this instance by this broker" in refused.body["description"]
    assert other.call("PUT", f"{path}/service_bindings/{binding}", ids).status == 400
    assert osb.bind(instance, binding, **QUEUE).status == 201
    assert other.call("DELETE", f"{path}/service_bindings/{binding}?{query(ids)}").status == 410
    (user,) = account.binding_users(binding)
    assert len(account.keys(user)) == 1
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    osb.deprovisioned(instance, **QUEUE)


def test_an_instance_is_its_namespaces(osb, account):
    instance = new_id()
    osb.provisioned(instance, **QUEUE)
    for asked in ({"context": context("other")}, {"space_guid": "other"}, {"organization_guid": "other"}):
        assert osb.provision(instance, **QUEUE, **asked).status == 409, asked
    assert osb.update(instance, service="queue", context=context("other")).status == 409
    for namespace, status in (("other", 409), ("tests", 201)):
        body = {"service_id": class_id("queue"), "plan_id": plan_id("queue", "standard"), "context": context(namespace)}
        assert osb.call("PUT", f"/v2/service_instances/{instance}/service_bindings/{new_id()}", body).status == status
    assert osb.provision(instance, **QUEUE).status == 200
    osb.deprovisioned(instance, **QUEUE)


def test_an_instance_is_adopted_by_another_namespace_and_its_stacks_tags_follow(osb, account, emulator):
    instance = new_id()
    osb.provisioned(instance, **QUEUE)
    new = {"context": context("new", adopted_from={"namespace": "wrong"}), "space_guid": "new"}
    assert osb.provision(instance, **QUEUE, **new).status == 409
    new["context"]["adopted_from"]["namespace"] = "tests"
    assert osb.provision(instance, **QUEUE, **new).status == 202
    assert osb.until_settled(instance).body["state"] == "succeeded"
    (name,) = account.stacks(instance)
    (stack,) = emulator.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    tags = {one["Key"]: one["Value"] for one in stack["Tags"]}
    assert tags["aws-service-broker:namespace"] == "new"
    assert tags[INSTANCE_TAG] == instance
    assert osb.provision(instance, **QUEUE).status == 409, "it was the old one's"
    osb.deprovisioned(instance, **QUEUE)


def test_what_is_removed_is_named_by_its_own_service_and_plan(osb, account):
    instance, binding = new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    assert osb.bind(instance, binding, **QUEUE).status == 201
    for wrong in ({"service": "s3", "plan": "production"}, {"service": "queue", "plan": "other"}):
        assert osb.unbind(instance, binding, **wrong).status == 400
        assert osb.deprovision(instance, **wrong).status == 400
    assert account.binding_users(binding)
    assert account.stacks(instance)
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    osb.deprovisioned(instance, **QUEUE)


def test_an_iam_user_of_the_bindings_name_stays_as_it_is(osb, account, emulator):
    instance, binding = new_id(), new_id()
    osb.provisioned(instance, **QUEUE)
    iam, user = emulator.client("iam"), f"aws-sb-binding-{binding}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    refused = osb.bind(instance, binding, **QUEUE)
    assert refused.status == 409
    assert user in refused.body["description"]
    assert osb.unbind(instance, binding, **QUEUE).status == 410
    osb.deprovisioned(instance, **QUEUE)
    assert account.keys(user) == [key]


@pytest.fixture
def secret_of(emulator):
    """Makes a secret with these tags; its ARN."""

    def make(**tags: str) -> str:
        made = [{"Key": {"broker": BROKER_TAG, "instance": INSTANCE_TAG}[key], "Value": value} for key, value in tags.items()]
        return emulator.client("secretsmanager").create_secret(Name=new_id(), SecretString="theirs", Tags=made)["ARN"]

    return make


def bound(osb, instance: str) -> dict:
    answer = osb.bind(instance, new_id(), **SECRETS)
    assert answer.status == 201, answer
    return answer.body["credentials"]


def test_a_value_that_looks_like_a_reference_is_told_as_it_is(osb, emulator):
    emulator.client("ssm").put_parameter(Name="/asb/victim/secret-access-key", Value="theirs", Type="SecureString", Overwrite=True)
    instance, echo = new_id(), "ssm:/asb/victim/secret-access-key"
    osb.provisioned(instance, **SECRETS, parameters={"Echo": echo})
    credentials = bound(osb, instance)
    assert credentials == {"ECHO": echo, "OWN": "own", "OWN_PARAMETER": "own"}
    osb.deprovisioned(instance, **SECRETS)


def test_what_a_user_names_is_read_only_where_it_is_the_instances(osb, secret_of, emulator):
    emulator.client("ssm").put_parameter(Name="/asb/victim/secret-access-key", Value="theirs", Type="SecureString", Overwrite=True)
    instance = new_id()
    for parameters in (
        {"Parameter": "/asb/victim/secret-access-key"},
        {"Parameter": "victim"},
        {"Secret": secret_of(broker="awsservicebroker", instance="victim")},
        {"Secret": secret_of(broker="other", instance=instance)},
        {"Secret": secret_of()},
        {"Secret": "no-such-secret"},
    ):
        osb.provisioned(instance, **SECRETS, parameters=parameters)
        refused = osb.bind(instance, new_id(), **SECRETS)
        assert refused.status == 400, parameters
        assert "does not belong to this instance" in refused.body["description"]
        assert "theirs" not in str(refused.body)
        osb.deprovisioned(instance, **SECRETS)
    osb.provisioned(instance, **SECRETS, parameters={"Secret": secret_of(broker="awsservicebroker", instance=instance)})
    assert bound(osb, instance)["SECRET"] == "theirs"
    osb.deprovisioned(instance, **SECRETS)


@pytest.mark.parametrize("value", ["{{resolve:ssm:/asb/victim/secret-access-key}}", "{{ Resolve :secretsmanager:victim}}", "{{resolve", "{"])
def test_dynamic_references_of_users_are_refused(osb, account, value):
    instance = new_id()
    refused = osb.provision(instance, **SECRETS, parameters={"Echo": value})
    assert refused.status == 400
    assert "Echo" in refused.body["description"]
    assert osb.provision(instance, **SECRETS, parameters={"user_tags": [{"Key": "a", "Value": value}]}).status == 400
    assert account.stacks(instance) == []


def test_only_the_administrator_sets_admin_tags(osb, account):
    instance = new_id()
    refused = osb.provision(instance, **QUEUE, parameters={"admin_tags": [{"Key": "cost", "Value": "42"}]})
    assert refused.status == 400
    assert "admin_tags" in refused.body["description"]
    assert account.stacks(instance) == []
    osb.provisioned(instance, **QUEUE, parameters={"admin_tags": "[]"})
    osb.deprovisioned(instance, **QUEUE)
