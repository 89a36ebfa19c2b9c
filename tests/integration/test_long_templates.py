"""Templates that are too long for a request: from a bucket they are made, changed and deleted as others are."""

import json
import subprocess

import boto3
import pytest
from aws_users import User, denied
from botocore import UNSIGNED
from botocore.config import Config
from chandlery_dev.processes import wait_until
from osb_client import new_id
from template_bucket import SENT, Bucket, long_queue

QUEUE = {"service": "queue", "plan": "standard"}


def sent(bin_dir, tmp_path, template: str) -> str:
    """What CloudFormation is to get of it."""
    file = tmp_path / "queue-main.yaml"
    file.write_text(template)
    done = subprocess.run([bin_dir / "aws-servicebroker", "lint", "--print", file], capture_output=True, text=True, timeout=20, check=False)
    return done.stdout.removesuffix("\n")


def version_of(broker) -> str:
    (service,) = broker.client.call("GET", "/v2/catalog").body["services"]
    return service["plans"][0]["maintenance_info"]["version"]


@pytest.mark.parametrize("kind", ["sqlite", "dynamodb"])
def test_an_instance_lives_by_the_template_that_it_was_made_from(make_broker, emulator, account, bucket, bin_dir, tmp_path, request, kind):
    store = f"sqlite:{tmp_path}/state.db" if kind == "sqlite" else f"dynamodb:{request.getfixturevalue('table')}"
    old, new = (sent(bin_dir, tmp_path, long_queue(more)) for more in ("", ", but better"))
    bucket.put("queue-main.yaml", long_queue().encode())
    broker = make_broker("--s3Bucket", bucket.name, "--store", store)
    osb, instance, binding = broker.client, new_id(), new_id()

    def template_of_stack() -> dict:
        (stack,) = account.stacks(instance)
        body = emulator.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else body

    def updated(**what) -> None:
        assert osb.update(instance, **QUEUE, **what).status == 202
        assert osb.until_settled(instance).body["state"] == "succeeded"

    osb.provisioned(instance, **QUEUE)
    assert len(old) > 51_200
    assert list(bucket.sent().values()) == [old]
    assert template_of_stack() == json.loads(old)
    assert osb.bind(instance, binding, **QUEUE).status == 201

    # The bucket's own object changes, and what was sent is gone: neither matters to the instance.
    made_of = version_of(broker)
    bucket.put("queue-main.yaml", long_queue(", but better").encode())
    bucket.remove_sent()
    broker.process.hang_up()
    wait_until("the changed template being offered", lambda: version_of(broker) != made_of, 20)
    broker.restart_after_kill()
    updated(parameters={"DelaySeconds": "7"})
    assert bucket.sent() == {}
    assert template_of_stack() == json.loads(old)
    assert account.stack_parameters(instance) == {"DelaySeconds": "7"}

    updated(maintenance_info={"version": version_of(broker)})
    assert list(bucket.sent().values()) == [new]
    assert template_of_stack() == json.loads(new)
    assert account.stack_parameters(instance) == {"DelaySeconds": "7"}
    assert osb.unbind(instance, binding, **QUEUE).status == 200
    osb.deprovisioned(instance, **QUEUE)
    assert account.stacks(instance) == []


def test_cloudformation_is_told_where_the_template_is(make_broker, emulator, recorder, bucket):
    bucket.put("queue-main.yaml", long_queue().encode())
    environment = {**recorder.environment(), "AWS_ENDPOINT_URL_S3": emulator.url}
    osb, instance = make_broker("--s3Bucket", bucket.name, environment=environment).client, new_id()
    assert osb.provision(instance, **QUEUE).status == 202
    request = recorder.of_instance(instance).created
    (key,) = bucket.sent()
    assert key.startswith(SENT)
    # Where botocore would read it, path style as on any endpoint of one's own: CloudFormation does not know of that one.
    config = Config(signature_version=UNSIGNED, s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"})
    s3 = boto3.client("s3", region_name="us-east-1", config=config)
    assert request.others == {"TemplateURL": s3.generate_presigned_url("get_object", Params={"Bucket": bucket.name, "Key": key})}


def test_a_bucket_that_refuses_it_is_the_operators_error_and_leaves_nothing(make_broker, strict_emulator):
    bucket = Bucket(strict_emulator)
    bucket.put("queue-main.yaml", long_queue().encode())
    user = User(strict_emulator, denied("s3:PutObject"))
    broker = make_broker("--s3Bucket", bucket.name, environment=user.environment)
    osb, instance = broker.client, new_id()
    refused = osb.provision(instance, **QUEUE)
    assert refused.status == 500, refused
    for text in ("AccessDenied", "s3:PutObject", f"s3://{bucket.name}/{SENT}"):
        assert text in refused.body["description"]
    assert osb.fetch_instance(instance).status == 404
    assert osb.deprovision(instance, **QUEUE).status == 410, "nothing was recorded"
    assert bucket.sent() == {}

    user.allow_everything()
    osb.provisioned(instance, **QUEUE)
    osb.deprovisioned(instance, **QUEUE)


def test_a_folder_offers_none(make_broker, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "queue-main.yaml").write_text(long_queue())
    (folder / "ant-main.yaml").write_text(long_queue().replace("." * 51_200, "").replace("Name: queue", "Name: ant"))
    broker = make_broker("--template-folder", str(folder))
    assert [one["name"] for one in broker.client.call("GET", "/v2/catalog").body["services"]] == ["ant"]
    (problem,) = [line for line in broker.process.log.read_text().splitlines() if "queue-main.yaml" in line]
    assert "let the broker read its templates from a bucket (--s3Bucket)" in problem
