"""`aws-servicebroker doctor` says what is well and what to mend."""

import pytest
from aws_users import ACCOUNT, User, denied
from template_bucket import QUEUE, SENT, Bucket, long_queue


def verdicts(done) -> dict[str, str]:
    return {line[6:].split(":")[0]: line.split()[0] for line in done.stdout.splitlines()}


def test_all_is_well_where_it_is(run_broker, emulator, tmp_path):
    done = run_broker("--insecure", command="doctor", environment=User(emulator).environment)
    assert done.returncode == 0, done.stdout
    assert set(verdicts(done)) == {"TLS", "authentication", "templates", "region", "credentials", "SQLite file", "encryption key", "permissions"}
    assert not (tmp_path / "data").exists(), "it changes nothing"


@pytest.mark.parametrize("action", ["cloudformation:CreateStack", "cloudformation:ListStacks", "ssm:GetParameter", "iam:PutUserPolicy"])
def test_what_is_denied_is_named(run_broker, emulator, action):
    done = run_broker("--insecure", command="doctor", environment=User(emulator, denied(action)).environment)
    assert f"permissions: {action} is denied" in done.stdout, done.stdout
    assert done.returncode == 1


@pytest.fixture
def ask_about_role(run_broker, tmp_path):
    """What the doctor of that user says of a role, by a rule of role bindings."""

    def ask(user: User, role: str, external_id: str = "chandlery") -> tuple[list[str], int]:
        file = tmp_path / "roles.yaml"
        file.write_text(f"rules: [{{accountId: '{ACCOUNT}', roleName: {role}{f', externalId: {external_id}' if external_id else ''}}}]")
        done = run_broker("--insecure", "--role-bindings", str(file), command="doctor", environment=user.environment)
        return [line for line in done.stdout.splitlines() if f"role {role} of {ACCOUNT}" in line], done.returncode

    return ask


def test_a_role_of_the_rules_is_taken_and_asked_what_it_may_do(strict_emulator, ask_about_role):
    user = User(strict_emulator)
    role = user.role()
    (taken, permissions), code = ask_about_role(user, role)
    assert taken == f"OK    role {role} of {ACCOUNT}: taken as arn:aws:sts::{ACCOUNT}:assumed-role/{role}/aws-servicebroker"
    assert permissions == f"OK    permissions of the role {role} of {ACCOUNT}: everything that the broker calls itself"
    assert code == 0


def test_what_a_role_may_not_do_is_named(strict_emulator, ask_about_role):
    user = User(strict_emulator)
    (taken, permissions), code = ask_about_role(user, user.role(denied("cloudformation:DeleteStack")))
    assert taken.startswith("OK ")
    assert permissions.startswith("FAIL ")
    assert "cloudformation:DeleteStack is denied" in permissions
    assert code == 1


@pytest.mark.parametrize(
    ("broker_may_not", "external_id", "says", "says_not"),
    [
        ("sts:AssumeRole", "chandlery", "add sts:AssumeRole to the policies of", "trust policy"),
        ("nothing:AtAll", "", "trust policy must name", "add sts:AssumeRole"),
        ("nothing:AtAll", "another", "trust policy must name", "add sts:AssumeRole"),
        ("iam:SimulatePrincipalPolicy", "", "add sts:AssumeRole to the policies of", None),
        ("iam:SimulatePrincipalPolicy", "", "trust policy must name", None),
    ],
)
def test_why_a_role_is_refused_is_told(strict_emulator, ask_about_role, broker_may_not, external_id, says, says_not):
    user = User(strict_emulator, denied(broker_may_not))
    (refused,), code = ask_about_role(user, user.role(), external_id)
    assert refused.startswith("FAIL ")
    assert says in refused
    assert user.arn in refused
    assert says_not is None or says_not not in refused
    assert code == 1


def test_a_role_that_is_not_there_is_refused(strict_emulator, ask_about_role):
    (refused,), _ = ask_about_role(User(strict_emulator), "nobody")
    assert refused.startswith("FAIL ")
    assert f"arn:aws:iam::{ACCOUNT}:role/nobody" in refused


def test_a_role_of_the_overrides_is_taken(strict_emulator, run_broker):
    user = User(strict_emulator)
    role = user.role(external_id="")
    override = {"PARAM_OVERRIDE_awsservicebroker_all_all_all_target_role_name": role}
    done = run_broker("--insecure", command="doctor", environment={**user.environment, **override})
    assert verdicts(done).get(f"role {role} of {ACCOUNT}") == "OK", done.stdout


def keys_for(user: User, place: str) -> tuple[dict[str, str], str]:
    """Overrides that give that user's keys, and what the doctor calls them."""
    name = f"PARAM_OVERRIDE_awsservicebroker_{place}_aws"
    given = {f"{name}_access_key": user.environment["AWS_ACCESS_KEY_ID"], f"{name}_secret_key": user.environment["AWS_SECRET_ACCESS_KEY"]}
    return given, f"keys of {name}_access_key"


def test_keys_of_the_overrides_are_tried_and_asked_what_they_may_do(strict_emulator, run_broker):
    broker, tenant = User(strict_emulator), User(strict_emulator, denied("cloudformation:DeleteStack"))
    given, name = keys_for(tenant, "all_tenant_all")
    done = run_broker("--insecure", command="doctor", environment={**broker.environment, **given})
    lines = [line for line in done.stdout.splitlines() if name in line]
    assert lines[0] == f"OK    {name}: those of {tenant.arn}"
    assert lines[1].startswith(f"FAIL  permissions of the {name}: cloudformation:DeleteStack is denied"), done.stdout
    assert len(lines) == 2
    assert done.returncode == 1
    assert all(value not in done.stdout + done.stderr for value in given.values())


def test_a_role_that_is_taken_with_keys_is_tried_with_them(strict_emulator, run_broker):
    broker, tenant = User(strict_emulator), User(strict_emulator)
    role = tenant.role(external_id="")
    given, name = keys_for(tenant, "all_tenant_all")
    given["PARAM_OVERRIDE_awsservicebroker_all_tenant_all_target_role_name"] = role
    done = run_broker("--insecure", command="doctor", environment={**broker.environment, **given})
    assert verdicts(done).get(name) == "OK", done.stdout
    assert verdicts(done).get(f"role {role} of {ACCOUNT}") == "OK", "only the keys' user may take it"
    assert done.returncode == 0


def test_keys_that_aws_does_not_know_are_told(strict_emulator, run_broker):
    broker, tenant = User(strict_emulator), User(strict_emulator)
    given, name = keys_for(tenant, "all_tenant_all")
    strict_emulator.client("iam").delete_access_key(UserName=tenant.name, AccessKeyId=tenant.environment["AWS_ACCESS_KEY_ID"])
    done = run_broker("--insecure", command="doctor", environment={**broker.environment, **given})
    assert verdicts(done).get(name) == "FAIL", done.stdout
    assert done.returncode == 1


def test_rules_that_cannot_be_read_are_told(run_broker, emulator, tmp_path):
    file = tmp_path / "roles.yaml"
    file.write_text("rules: [{roleName: a}]")
    done = run_broker("--insecure", "--role-bindings", str(file), command="doctor", environment=User(emulator).environment)
    assert "rule 1 needs an accountId" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("action", ["s3:ListBucket", "s3:GetObject"])
def test_a_bucket_that_may_not_be_read_is_told(strict_emulator, run_broker, action):
    bucket = Bucket(strict_emulator)
    bucket.put("queue-main.yaml", QUEUE.read_bytes())
    flags = ["--insecure", "--s3-bucket", bucket.name]
    well = run_broker(*flags, command="doctor", environment=User(strict_emulator).environment)
    assert verdicts(well)["templates"] == "OK", well.stdout
    refused = run_broker(*flags, command="doctor", environment=User(strict_emulator, denied(action)).environment)
    (line,) = [each for each in refused.stdout.splitlines() if each[6:].startswith("templates")]
    assert line.startswith("FAIL ")
    assert "AccessDenied" in line
    assert "the broker needs s3:ListBucket and s3:GetObject there" in line
    assert refused.returncode == 1


@pytest.mark.parametrize("is_long", [True, False])
def test_a_bucket_that_may_not_be_written_is_told_where_a_template_is_too_long_for_a_request(strict_emulator, run_broker, is_long):
    bucket = Bucket(strict_emulator)
    bucket.put("queue-main.yaml", (long_queue() if is_long else QUEUE.read_text()).encode())
    user = User(strict_emulator, denied("s3:PutObject"))
    done = run_broker("--insecure", "--s3-bucket", bucket.name, command="doctor", environment=user.environment)
    assert verdicts(done)["templates"] == "OK", done.stdout
    told = f"permissions: s3:PutObject is denied: add it to the policies of {user.arn}, for arn:aws:s3:::{bucket.name}/{SENT}"
    assert (told in done.stdout) == is_long, done.stdout
    assert done.returncode == int(is_long)


def test_what_a_role_may_not_read_is_told_where_a_template_is_too_long_for_a_request(strict_emulator, run_broker):
    bucket = Bucket(strict_emulator)
    bucket.put("queue-main.yaml", long_queue().encode())
    user = User(strict_emulator)
    role = user.role(denied("s3:GetObject"), external_id="")
    override = {"PARAM_OVERRIDE_awsservicebroker_all_all_all_target_role_name": role}
    done = run_broker("--insecure", "--s3-bucket", bucket.name, command="doctor", environment={**user.environment, **override})
    assert f"permissions of the role {role} of {ACCOUNT}: s3:GetObject is denied" in done.stdout, done.stdout
    assert "s3:PutObject" not in done.stdout


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
    assert "FAIL  region: no AWS region is set: use --region" in done.stdout
