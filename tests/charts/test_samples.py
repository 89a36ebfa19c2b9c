"""The sample application's manifests, as far as they can be looked at without a node."""

import subprocess

import yaml
from chandlery_dev.processes import REPOSITORY
from kubernetes_schema import problems

SAMPLES = REPOSITORY / "samples/s3-demo"
KEYS = {"BUCKET_ARN", "BUCKET_NAME", "LOGGING_BUCKET_NAME", "S3_AWS_ACCESS_KEY_ID", "S3_AWS_SECRET_ACCESS_KEY", "S3_REGION"}


def objects() -> list[dict]:
    return [each for file in SAMPLES.rglob("*.yaml") for each in yaml.safe_load_all(file.read_text())]


def test_every_object_is_one_that_kubernetes_knows():
    assert [problem for each in objects() for problem in problems(each)] == []


def test_the_application_takes_each_key_that_it_reads_from_the_bindings_secret_and_starts_without(bin_dir):
    (binding,) = [each for each in objects() if each["kind"] == "ServiceBinding"]
    (deployment,) = [each for each in objects() if each["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    taken = {one["name"]: one["valueFrom"]["secretKeyRef"] for one in container["env"]}
    assert taken == {key: {"name": binding["metadata"]["name"], "key": key, "optional": True} for key in KEYS}
    help_text = subprocess.run([bin_dir / "s3-demo", "--help"], capture_output=True, text=True, check=True).stdout
    assert all(key in help_text for key in KEYS)
