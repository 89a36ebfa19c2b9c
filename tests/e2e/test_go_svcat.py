"""The Go svcat (v0.3.1, 2020) works with the control plane: it provisions, binds, shows, unbinds and deprovisions."""

import json
import subprocess

import pytest


@pytest.fixture
def svcat(go_svcat, stack):
    def run(*arguments):
        command = [str(go_svcat), "--kubeconfig", str(stack.kubeconfig), *arguments]
        done = subprocess.run(command, env=stack.environment(), capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_it_lists_what_the_broker_offers(svcat):
    assert "aws-servicebroker" in svcat("get", "brokers")
    assert "AWS Service Broker - Amazon S3" in svcat("get", "classes")
    plans = svcat("get", "plans")
    assert "production" in plans
    assert "s3" in plans
    assert "production" in svcat("describe", "class", "s3")


def test_it_provisions_binds_and_takes_back(svcat, stack, stack_namespace):
    in_namespace = ("-n", stack_namespace)
    provisioned = svcat("provision", "bucket", "--class", "s3", "--plan", "custom", "-p", "PreventDeletion=False", *in_namespace, "--wait")
    assert "Ready" in provisioned
    assert "bucket" in svcat("get", "instances", *in_namespace)
    bound = svcat("bind", "bucket", "--name", "bucket-keys", *in_namespace, "--wait")
    assert "Ready" in bound
    described = svcat("describe", "binding", "bucket-keys", *in_namespace)
    assert "BUCKET_NAME" in described
    assert len(json.loads(stack.kubectl("get", "secret/bucket-keys", *in_namespace, "-o", "json"))["data"]) == 6
    svcat("unbind", "bucket", *in_namespace, "--wait")
    svcat("deprovision", "bucket", *in_namespace, "--wait")
    assert "bucket" not in svcat("get", "instances", *in_namespace)
