"""Provision, bind, unbind, deprovision: what the answers say and what is in the account, with either store."""

import boto3
import pytest
from chandlery_dev.processes import wait_until
from osb_client import new_id


@pytest.fixture(params=["sqlite", "dynamodb"])
def broker(request, make_broker, tmp_path):
    if request.param == "sqlite":
        return make_broker("--store", f"sqlite:{tmp_path}/state.db")
    return make_broker("--store", f"dynamodb:{request.getfixturevalue('table')}")


def s3_with(credentials: dict, emulator):
    return boto3.client(
        "s3",
        endpoint_url=emulator.url,
        region_name=credentials["S3_REGION"],
        aws_access_key_id=credentials["S3_AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["S3_AWS_SECRET_ACCESS_KEY"],
    )


def test_a_bucket_comes_and_goes(broker, account, emulator):
    osb, instance, binding, other = broker.client, new_id(), new_id(), new_id()
    users = account.users()
    keep_nothing = {"PreventDeletion": "False"}
    first = osb.provision(instance, plan="custom", parameters=keep_nothing)
    assert first.status == 202
    assert first.body["operation"]
    assert osb.until_settled(instance).body["state"] == "succeeded"
    assert account.stacks(instance) == [f"aws-service-broker-s3-{instance}"]

    bound = osb.bind(instance, binding, plan="custom")
    assert bound.status == 201
    credentials = bound.body["credentials"]
    s3 = s3_with(credentials, emulator)
    s3.put_object(Bucket=credentials["BUCKET_NAME"], Key="k", Body=b"v")
    assert s3.get_object(Bucket=credentials["BUCKET_NAME"], Key="k")["Body"].read() == b"v"
    s3.delete_object(Bucket=credentials["BUCKET_NAME"], Key="k")

    second = osb.bind(instance, other, plan="custom").body["credentials"]
    assert second["S3_AWS_ACCESS_KEY_ID"] != credentials["S3_AWS_ACCESS_KEY_ID"], "each binding has keys of its own"
    assert osb.unbind(instance, binding, plan="custom").status == 200
    assert osb.unbind(instance, binding, plan="custom").status == 410
    keys = emulator.client("iam").list_access_keys
    owners = [user for user in account.users() if keys(UserName=user)["AccessKeyMetadata"]]
    shown = [key["AccessKeyId"] for user in owners for key in keys(UserName=user)["AccessKeyMetadata"]]
    assert credentials["S3_AWS_ACCESS_KEY_ID"] not in shown, "unbinding revokes the keys"
    assert second["S3_AWS_ACCESS_KEY_ID"] in shown
    assert osb.unbind(instance, other, plan="custom").status == 200

    osb.deprovisioned(instance, plan="custom")
    assert osb.deprovision(instance, plan="custom").status == 410
    assert account.stacks(instance) == []
    assert account.users() == users
    assert credentials["BUCKET_NAME"] not in account.buckets()


def test_repeated_requests_are_answered_as_the_first(broker, account):
    osb, instance, binding = broker.client, new_id(), new_id()
    first = osb.provision(instance, plan="custom", parameters={"LoggingPrefix": "a", "EnableVersioning": "True", "PreventDeletion": "False"})
    again = osb.provision(instance, plan="custom", parameters={"PreventDeletion": "False", "EnableVersioning": "True", "LoggingPrefix": "a"})
    assert again.status in (200, 202)
    assert again.body.get("operation") in (first.body["operation"], None)
    osb.until_settled(instance)
    assert osb.provision(instance, plan="custom", parameters={"LoggingPrefix": "a", "EnableVersioning": "True", "PreventDeletion": "False"}).status == 200
    assert osb.provision(instance, plan="custom", parameters={"LoggingPrefix": "b", "PreventDeletion": "False"}).status == 409
    assert osb.provision(instance, plan="production").status == 409
    bound = osb.bind(instance, binding, plan="custom")
    repeated = osb.bind(instance, binding, plan="custom")
    assert (bound.status, repeated.status) == (201, 200)
    assert bound.body["credentials"] == repeated.body["credentials"]
    assert account.stacks(instance) == [f"aws-service-broker-s3-{instance}"]
    osb.unbind(instance, binding, plan="custom")
    osb.deprovisioned(instance, plan="custom")


def test_the_production_plan_keeps_the_data(broker, account):
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance)
    name = osb.bind(instance, binding).body["credentials"]["BUCKET_NAME"]
    osb.unbind(instance, binding)
    osb.deprovisioned(instance)
    assert account.stacks(instance) == []
    assert name in account.buckets()


def test_a_queue_comes_and_goes(broker, account, emulator):
    osb, instance, binding = broker.client, new_id(), new_id()
    options = {"service": "sqs", "plan": "standard"}
    osb.provisioned(instance, **options)
    credentials = osb.bind(instance, binding, **options).body["credentials"]
    queue = boto3.client(
        "sqs",
        endpoint_url=emulator.url,
        region_name="us-east-1",
        aws_access_key_id=credentials["SQS_AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["SQS_AWS_SECRET_ACCESS_KEY"],
    )
    queue.send_message(QueueUrl=credentials["QUEUE_URL"], MessageBody="hello")
    # Messages of this plan are delayed by default.
    received = wait_until("the message", lambda: queue.receive_message(QueueUrl=credentials["QUEUE_URL"]).get("Messages"), 30)
    assert received[0]["Body"] == "hello"
    assert osb.unbind(instance, binding, **options).status == 200
    osb.deprovisioned(instance, **options)
    assert account.stacks(instance) == []


def test_instances_and_bindings_can_be_fetched(broker):
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    fetched = osb.call("GET", f"/v2/service_instances/{instance}")
    assert fetched.status == 200
    assert fetched.body["parameters"]["PreventDeletion"] == "False"
    bound = osb.bind(instance, binding, plan="custom")
    again = osb.call("GET", f"/v2/service_instances/{instance}/service_bindings/{binding}")
    assert again.status == 200
    assert again.body["credentials"] == bound.body["credentials"]
    osb.unbind(instance, binding, plan="custom")
    osb.deprovisioned(instance, plan="custom")
    assert osb.call("GET", f"/v2/service_instances/{instance}").status == 404


def test_shared_credentials_are_the_stack_s_own(make_broker):
    broker = make_broker("--binding-credentials", "shared")
    osb, instance = broker.client, new_id()
    osb.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    one = osb.bind(instance, new_id(), plan="custom").body["credentials"]
    two = osb.bind(instance, new_id(), plan="custom").body["credentials"]
    assert one == two
