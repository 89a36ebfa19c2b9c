"""Templates from a bucket and from a folder: what a broker offers of them, what SIGHUP changes, and what its instances keep."""

import os
import signal
import urllib.error
import urllib.request

from chandlery_dev.processes import wait_until
from osb_client import new_id
from template_bucket import PREFIX


def template(name: str, description: str = "a queue", more: str = "") -> bytes:
    return f"""
Description: {description}
Metadata:
  AWS::ServiceBroker::Specification:
    Name: {name}
    {more}
    ServicePlans:
      production: {{Description: one queue}}
Resources:
  Queue: {{Type: AWS::SQS::Queue}}
Outputs:
  QueueName: {{Value: !GetAtt Queue.QueueName}}
""".encode()


def services_of(broker) -> dict[str, dict]:
    return {service["name"]: service for service in broker.client.call("GET", "/v2/catalog").body["services"]}


def hang_up(broker, is_done, what: str):
    os.kill(broker.process.pid, signal.SIGHUP)
    return wait_until(what, is_done, 20)


def log_of(broker) -> str:
    return broker.process.log.read_text()


def test_all_pages_of_a_bucket_are_read(make_broker, bucket):
    bucket.put_many(1005)
    for name in ("ant", "bee"):
        bucket.put(f"{name}-main.yaml", template(name))
    broker = make_broker("-s3Bucket", bucket.name, "-s3Key", PREFIX.rstrip("/"), "-s3Region", "us-east-1")
    assert set(services_of(broker)) == {"ant", "bee"}
    assert f"s3://{bucket.name}/{PREFIX} in us-east-1" in log_of(broker)
    with urllib.request.urlopen(f"{broker.url}/metrics", timeout=5) as answer:
        assert "aws_sb_catalog_classes 2" in answer.read().decode()


def test_a_hangup_takes_over_what_was_added_changed_removed_and_broken(make_broker, bucket):
    for name in ("ant", "bee", "cat"):
        bucket.put(f"{name}-main.yaml", template(name))
    broker = make_broker("--s3Bucket", bucket.name)
    before = services_of(broker)
    assert set(before) == {"ant", "bee", "cat"}
    bucket.put("ant-main.yaml", template("ant", "another queue"))
    bucket.remove("bee-main.yaml")
    bucket.put("cat-main.yaml", b"Description: [")
    bucket.put("dog-main.yaml", template("dog"))
    after = hang_up(broker, lambda: (found := services_of(broker)) != before and found, "the catalog being read again")
    assert set(after) == {"ant", "cat", "dog"}
    assert after["ant"]["description"] == "another queue"
    assert after["ant"]["id"] == before["ant"]["id"]
    assert after["ant"]["plans"][0]["maintenance_info"]["version"] != before["ant"]["plans"][0]["maintenance_info"]["version"]
    assert after["cat"] == before["cat"], "its last good version stays"
    assert "cat-main.yaml" in log_of(broker)


def test_a_folder_is_read_again_too(make_broker, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "ant.yml").write_bytes(template("ant"))
    (folder / "bee-main.yaml").write_bytes(template("bee"))
    broker = make_broker("--template-folder", str(folder), "-templateFilter=.yml")
    assert set(services_of(broker)) == {"ant"}
    (folder / "cat.yml").write_bytes(template("cat"))
    hang_up(broker, lambda: set(services_of(broker)) == {"ant", "cat"}, "the new template being offered")


def test_an_instance_keeps_the_template_that_it_was_made_from(make_broker, bucket):
    bucket.put("ant-main.yaml", template("ant"))
    broker = make_broker("--s3Bucket", bucket.name)
    osb, instance = broker.client, new_id()
    version = services_of(broker)["ant"]["plans"][0]["maintenance_info"]["version"]
    conflict = osb.provision(instance, "ant", maintenance_info={"version": "0.0.1"})
    assert (conflict.status, conflict.body["error"]) == (422, "MaintenanceInfoConflict")
    osb.provisioned(instance, service="ant", maintenance_info={"version": version})

    # Bound by the changed one it would ask a function that the stack does not have.
    bucket.put("ant-main.yaml", template("ant", more="BindViaLambda: true"))
    hang_up(broker, lambda: services_of(broker)["ant"]["metadata"]["bindViaLambda"], "the changed template being offered")
    assert osb.call("GET", f"/v2/service_instances/{instance}").body["maintenance_info"] == {"version": version}
    binding = new_id()
    assert osb.bind(instance, binding, "ant").status == 201

    bucket.remove("ant-main.yaml")
    bucket.put("bee-main.yaml", template("bee"))
    hang_up(broker, lambda: set(services_of(broker)) == {"bee"}, "the class leaving the catalog")
    broker.restart_after_kill()
    other = new_id()
    bound = osb.bind(instance, other, "ant")
    assert bound.status == 201, bound
    assert bound.body["credentials"]["QUEUE_NAME"]
    for each in (binding, other):
        assert osb.unbind(instance, each, "ant").status == 200
    osb.deprovisioned(instance, service="ant")


def test_an_empty_catalog_is_not_ready_and_says_why(make_broker, bucket):
    bucket.put("ant-main.yaml", template("ant"))
    broker = make_broker("--s3Bucket", bucket.name)
    bucket.remove("ant-main.yaml")

    def refused():
        try:
            urllib.request.urlopen(f"{broker.url}/readyz", timeout=2)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        return None

    status, why = hang_up(broker, refused, "the broker being not ready")
    assert status == 503
    assert f"s3://{bucket.name}/{PREFIX}" in why
