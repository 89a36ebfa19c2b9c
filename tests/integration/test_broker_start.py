"""Starts that cannot work say why; a broker that is asked to end, ends."""

import socket
import urllib.request

import pytest


def test_a_folder_without_templates_is_told(run_broker, tmp_path):
    done = run_broker("--insecure", "--template-folder", str(tmp_path / "none"))
    assert done.returncode != 0
    assert str(tmp_path / "none") in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--no-such-flag"], "--no-such-flag"),
        (["--insecure", "--broker-id", "no spaces!"], "letters and digits"),
        (["--insecure", "--store", "redis:here"], "redis"),
        (["--tls-cert-file", "/no/such.crt", "--tls-private-key-file", "/no/such.key"], "/no/such.crt"),
        (["--insecure", "--enable-basic-auth"], "SECURITY_USER_NAME"),
        (["--insecure", "--store", "dynamodb:no-such-table"], "no-such-table in us-east-1 does not exist"),
        (["--insecure", "--region", "eu-nowhere-1", "--table-name", "awssb"], "awssb in eu-nowhere-1 does not exist"),
        (["--insecure", "--region", "Not A Region"], "is not the name of an AWS region"),
        (["--insecure", "--encryption-key", "kms:alias/none"], "alias/none"),
        (["--insecure", "--encryption-key", "vault:x"], "file:PATH or kms:KEY"),
        (["--insecure", "--profile", "nobody"], "there is no profile nobody"),
        (["--insecure", "--basic-auth-file", "/no/such/users"], "/no/such/users"),
        (["--insecure", "--client-ca-file", "/no/such.crt"], "--insecure"),
        (["--insecure", "--token-review"], "--token-users"),
        (["--tls-cert-file", "/etc/hostname"], "must be given together"),
        (["--tls-cert-file", "/etc/hostname", "--tls-private-key-file", "/etc/hostname"], "/etc/hostname and /etc/hostname"),
    ],
)
def test_what_is_wrong_is_named(run_broker, flags, says):
    done = run_broker(*flags)
    assert done.returncode != 0
    assert says in done.stderr + done.stdout


def test_without_credentials_it_says_where_it_looked(run_broker, tmp_path):
    done = run_broker("--insecure", environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"})
    assert done.returncode != 0
    text = done.stderr + done.stdout
    assert "AWS_ACCESS_KEY_ID" in text
    assert ".aws" in text


def test_a_port_in_use_is_named(run_broker):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_broker("--insecure", "--address", "127.0.0.1", "--port", str(port))
    assert done.returncode != 0
    assert str(port) in done.stderr + done.stdout


def test_it_ends_when_asked_to(make_broker):
    broker = make_broker()
    broker.stop()
    assert "Draining" in broker.process.output() or "End" in broker.process.output()


def test_nothing_secret_is_logged_or_measured(make_broker, emulator):
    from osb_client import new_id

    broker = make_broker("--log-level", "debug")
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    credentials = osb.bind(instance, binding, plan="custom").body["credentials"]
    with urllib.request.urlopen(f"{broker.url}/metrics", timeout=5) as answer:
        metrics = answer.read().decode()
    for text in (broker.process.output(), metrics):
        assert credentials["S3_AWS_SECRET_ACCESS_KEY"] not in text
        assert "a-password-of-the-tests" not in text
    assert 'aws_sb_actions_total{action="provision",plan="custom",service="s3"} 1' in metrics
    for file in (broker.folder / "broker").iterdir():
        assert credentials["S3_AWS_SECRET_ACCESS_KEY"].encode() not in file.read_bytes(), file
        assert file.stat().st_mode & 0o077 == 0, f"{file} is readable by others"
    osb.unbind(instance, binding, plan="custom")
    osb.deprovisioned(instance, plan="custom")


def test_a_bucket_that_is_not_there_is_named_with_its_region(run_broker):
    done = run_broker("--insecure", "--s3Bucket", "no-such-bucket-of-ours", "--s3Region", "eu-west-1")
    assert done.returncode != 0
    assert "s3://no-such-bucket-of-ours/templates/latest/ in eu-west-1" in done.stderr + done.stdout


def test_two_sources_of_templates_are_one_too_many(run_broker, tmp_path):
    done = run_broker("--insecure", "--s3Bucket", "b", "--template-folder", str(tmp_path))
    assert done.returncode != 0
    assert "--template-folder" in done.stderr + done.stdout
