"""`aws-servicebroker doctor` says what is well and what to mend."""

import json

import pytest
from osb_client import new_id

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def verdicts(done) -> dict[str, str]:
    return {line[6:].split(":")[0]: line.split()[0] for line in done.stdout.splitlines()}


@pytest.fixture
def keys_of_user(emulator):
    """Environment of a new user with this policy."""

    def make(policy: dict) -> dict:
        iam, name = emulator.client("iam"), f"doctor-{new_id()}"
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    return make


def test_all_is_well_where_it_is(run_broker, keys_of_user, tmp_path):
    done = run_broker("--insecure", command="doctor", environment=keys_of_user(POLICY))
    assert done.returncode == 0, done.stdout
    assert set(verdicts(done)) == {"TLS", "authentication", "templates", "region", "credentials", "SQLite file", "encryption key", "permissions"}
    assert not (tmp_path / "data").exists(), "it changes nothing"


def test_what_is_denied_is_named(run_broker, keys_of_user):
    denying = {"Effect": "Deny", "Action": "cloudformation:CreateStack", "Resource": "*"}
    done = run_broker("--insecure", command="doctor", environment=keys_of_user({**POLICY, "Statement": [*POLICY["Statement"], denying]}))
    assert "permissions: cloudformation:CreateStack is denied" in done.stdout, done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("flags", "what", "says"),
    [
        (["--insecure", "--table-name", "no-such-table"], "DynamoDB table", "no-such-table in us-east-1 does not exist"),
        (["--insecure", "--template-folder", "/no/such/folder"], "templates", "/no/such/folder"),
        (["--insecure", "--classes", "nothing"], "templates", "--classes"),
        (["--insecure", "--encryption-key", "kms:alias/none"], "encryption key", "alias/none"),
        (["--insecure", "--encryption-key", "vault:x"], "encryption key", "kms:KEY"),
        (["--insecure", "--store", "redis:x"], "store", "redis"),
        (["--insecure", "--enable-basic-auth"], "authentication", "SECURITY_USER_NAME"),
        (["--insecure", "--token-review"], "authentication", "--token-users"),
        (["--tls-cert-file", "/no/such.crt", "--tls-private-key-file", "/no/such.key"], "TLS", "/no/such.crt"),
        ([], "TLS", "--insecure"),
    ],
)
def test_what_is_wrong_is_told(run_broker, flags, what, says):
    done = run_broker(*flags, command="doctor")
    assert done.returncode == 1
    assert verdicts(done).get(what) == "FAIL", done.stdout
    assert says in done.stdout


def test_without_a_region_it_says_how_to_give_one(run_broker):
    done = run_broker("--insecure", command="doctor", environment={"AWS_REGION": "", "AWS_DEFAULT_REGION": ""})
    assert done.returncode == 1
    assert "FAIL  region: no AWS region is set: give --region" in done.stdout
