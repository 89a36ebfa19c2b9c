"""Credentials as AWS sees them: what a binding's keys may do, until when, and which roles the broker gets into."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from chandlery_dev.emulator import REGION
from chandlery_dev.processes import REPOSITORY
from osb_client import new_id

QUEUE = {"service": "queue", "plan": "standard"}
REFUSED = {"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException"}


@pytest.fixture
def osb(make_broker, strict_emulator):
    templates = str(REPOSITORY / "tests/data/templates")
    return make_broker("--template-folder", templates, environment=strict_emulator.environment()).client


@pytest.fixture
def instance(osb):
    made = new_id()
    osb.provisioned(made, **QUEUE)
    yield made
    osb.deprovisioned(made, **QUEUE)


class Application:
    """What works with a binding's credentials."""

    def __init__(self, emulator, credentials: dict):
        self._keys = {"aws_access_key_id": credentials["QUEUE_AWS_ACCESS_KEY_ID"], "aws_secret_access_key": credentials["QUEUE_AWS_SECRET_ACCESS_KEY"]}
        self._endpoint, self._queue = emulator.url, credentials["QUEUE_URL"]

    def send(self) -> None:
        self.client("sqs").send_message(QueueUrl=self._queue, MessageBody="an order")

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self._endpoint, region_name=REGION, **self._keys)

    def refusal(self) -> str:
        with pytest.raises(ClientError) as refused:
            self.client("sts").get_caller_identity()
        with pytest.raises(ClientError):
            self.send()
        return refused.value.response["Error"]["Code"]


def test_a_bindings_keys_open_its_instance_until_it_is_unbound(osb, instance, strict_emulator):
    binding = new_id()
    application = Application(strict_emulator, osb.bind(instance, binding, **QUEUE).body["credentials"])
    application.send()
    for service, call in (("sqs", "list_queues"), ("iam", "list_users"), ("s3", "list_buckets")):
        with pytest.raises(ClientError) as refused:
            getattr(application.client(service), call)()
        assert "AccessDenied" in refused.value.response["Error"]["Code"], (service, call)
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    assert application.refusal() in REFUSED


def test_after_a_rotation_only_the_old_keys_are_refused(osb, instance, strict_emulator):
    old, new = new_id(), new_id()
    first = Application(strict_emulator, osb.bind(instance, old, **QUEUE).body["credentials"])
    path = f"/v2/service_instances/{instance}/service_bindings/{new}"
    rotated = osb.call("PUT", path, {"predecessor_binding_id": old})
    assert rotated.status == 201
    second = Application(strict_emulator, rotated.body["credentials"])
    for application in (first, second):
        application.send()
    assert osb.unbind(instance, old, **QUEUE).status == 200
    assert first.refusal() in REFUSED
    second.send()
    assert osb.unbind(instance, new, **QUEUE).status == 200
    assert second.refusal() in REFUSED


@pytest.mark.parametrize(("external_id", "status"), [("chandlery-production", 202), ("another", 400), (None, 400)])
def test_a_role_that_asks_for_an_external_id_is_taken_with_the_rules(make_broker, strict_emulator, tmp_path, external_id, status):
    iam, role = strict_emulator.client("iam"), f"worker-{new_id()}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "chandlery-production"}},
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
    rules = tmp_path / "roles.yaml"
    rule = f"{{accountId: '000000000000', roleName: {role}{f', externalId: {external_id}' if external_id else ''}}}"
    rules.write_text(f"rules: [{rule}]")
    templates = str(REPOSITORY / "tests/data/templates")
    osb = make_broker("--template-folder", templates, "--role-bindings", str(rules), environment=strict_emulator.environment()).client
    instance = new_id()
    answer = osb.provision(instance, **QUEUE)
    assert answer.status == status, answer
    if status == 202:
        assert osb.until_settled(instance).body["state"] == "succeeded"
        osb.deprovisioned(instance, **QUEUE)
    else:
        assert role in answer.body["description"]
