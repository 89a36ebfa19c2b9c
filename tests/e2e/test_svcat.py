"""Our svcat: get, describe and exec."""

import json
import subprocess

import pytest
from chandlery_dev.stack import bin_dir


@pytest.fixture(scope="module")
def svcat_in(stack):
    def run(*arguments, check=True):
        command = [str(bin_dir() / "svcat"), *arguments]
        done = subprocess.run(command, env=stack.environment(), capture_output=True, text=True, timeout=60, check=False)
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def bound(stack):
    """A namespace with an instance and its binding."""
    manifests = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "svcat"}},
        {
            "apiVersion": "servicecatalog.k8s.io/v1beta1",
            "kind": "ServiceInstance",
            "metadata": {"name": "queue", "namespace": "svcat"},
            "spec": {"clusterServiceClassExternalName": "sqs", "clusterServicePlanExternalName": "standard"},
        },
        {
            "apiVersion": "servicecatalog.k8s.io/v1beta1",
            "kind": "ServiceBinding",
            "metadata": {"name": "queue-keys", "namespace": "svcat"},
            "spec": {"instanceRef": {"name": "queue"}},
        },
    ]
    stack.kubectl("apply", "-f", "-", stdin="\n".join(json.dumps(manifest) for manifest in manifests))
    stack.kubectl("wait", "--for=condition=Ready", "servicebinding/queue-keys", "-n", "svcat", "--timeout=60s")
    yield "svcat"
    stack.kubectl("delete", "servicebinding,serviceinstance", "--all", "-n", "svcat")
    stack.kubectl("delete", "namespace", "svcat")


def test_get_lists_each_kind(svcat_in, bound):
    expected = {"brokers": "aws-servicebroker", "classes": "s3", "plans": "production", "instances": "queue", "bindings": "queue-keys"}
    for kind, name in expected.items():
        table = svcat_in("get", kind, "-n", bound).stdout
        assert table.splitlines()[0].startswith("NAME")
        assert name in [line.split()[0] for line in table.splitlines()[1:]], table


def test_get_as_json_is_what_kubectl_takes(svcat_in, bound):
    shown = json.loads(svcat_in("get", "instance", "queue", "-n", bound, "-o", "json").stdout)
    assert shown["kind"] == "ServiceInstance"
    assert shown["metadata"]["name"] == "queue"


@pytest.mark.parametrize(
    ("what", "tells"),
    [
        (("instance", "queue"), ["queue-keys", "sqs", "standard", "Ready"]),
        (("binding", "queue-keys"), ["queue", "Ready", "QUEUE_URL"]),
        (("class", "s3"), ["production", "Amazon S3"]),
        (("plan", "s3/production"), ["s3"]),
        (("broker", "aws-servicebroker"), ["https://", "Ready"]),
    ],
)
def test_describe(svcat_in, bound, what, tells):
    text = svcat_in("describe", *what, "-n", bound).stdout
    for word in tells:
        assert word in text


def test_values_of_secrets_are_shown_only_when_asked_for(svcat_in, stack, bound):
    secret = json.loads(svcat_in("exec", "-n", bound, "queue-keys", "--", "python3", "-c", "import os,json;print(json.dumps(dict(os.environ)))").stdout)
    key = next(value for name, value in secret.items() if name.endswith("SECRET_ACCESS_KEY") and name != "AWS_SECRET_ACCESS_KEY")
    assert key not in svcat_in("describe", "binding", "queue-keys", "-n", bound).stdout
    assert key in svcat_in("describe", "binding", "queue-keys", "-n", bound, "--show-secrets").stdout


def test_exec_ends_as_its_command_does(svcat_in, bound):
    assert svcat_in("exec", "-n", bound, "queue-keys", "--", "sh", "-c", "exit 7", check=False).returncode == 7
    missing = svcat_in("exec", "-n", bound, "queue-keys", "--", "no-such-command", check=False)
    assert missing.returncode == 127
    assert "no-such-command" in missing.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("exec", "-n", "svcat", "nothing", "--", "true"), "nothing"),
        (("describe", "instance", "nothing", "-n", "svcat"), "nothing"),
        (("get", "buckets"), "buckets"),
        (("--kubeconfig", "/no/such/file", "get", "classes"), "/no/such/file"),
    ],
)
def test_mistakes_are_told(svcat_in, bound, arguments, says):
    done = svcat_in(*arguments, check=False)
    assert done.returncode != 0
    assert says in done.stderr
