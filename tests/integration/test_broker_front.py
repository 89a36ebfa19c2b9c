"""The broker's front: TLS and its renewal, every kind of authentication, the sealing key, what it may write, logs and metrics."""

import base64
import http.client
import json
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from chandlery_dev.certificates import CertificateAuthority
from chandlery_dev.processes import Process, free_port, wait_until
from osb_client import OsbClient, new_id


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("pki"), "tests-ca")


class Front:
    """The broker with its flags as they come."""

    def __init__(self, program: Path, folder: Path, environment: dict, *flags):
        self.port = free_port()
        command = [program, "--address", "127.0.0.1", "--port", self.port, "--data-dir", folder / "data", *flags]
        self.process = Process("aws-servicebroker", command, folder / f"front-{self.port}.log", environment)
        self.process.start()
        wait_until("the broker serving", self._serves, 20)

    def _serves(self) -> bool:
        self.process.check()
        return "Serving the Open Service Broker API" in self.process.output()

    def says(self, text: str) -> bool:
        return text in self.process.output()

    def connection(self, ca: Path, client: tuple[Path, Path] | None = None) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(ca))
        if client:
            context.load_cert_chain(*client)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=10)

    def serial(self, ca: Path) -> str:
        """Which certificate it shows."""
        connection = self.connection(ca)
        connection.connect()
        with connection.sock as tls:
            return tls.getpeercert()["serialNumber"]

    def status(self, headers: dict | None = None) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v2/catalog", headers={"X-Broker-API-Version": "2.17", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            self.challenges = error.headers.get_all("WWW-Authenticate") or []
            return error.code

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return answer.read().decode()


@pytest.fixture
def front(bin_dir, emulator, tmp_path):
    started: list[Front] = []

    def start(*flags, environment: dict | None = None) -> Front:
        started.append(Front(bin_dir / "aws-servicebroker", tmp_path, {**emulator.environment(), **(environment or {})}, *flags))
        return started[-1]

    yield start
    for one in started:
        one.process.stop()


def basic(user: str, password: str) -> dict:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


# --- TLS


def test_a_certificate_is_renewed_without_restart(front, authority, tmp_path):
    """As a Kubernetes volume does it: the link to a folder is swapped."""
    pairs = [authority.issue(f"server-{number}", "IP:127.0.0.1") for number in range(2)]
    for number, (certificate, key) in enumerate(pairs):
        folder = tmp_path / f"version-{number}"
        folder.mkdir()
        (folder / "tls.crt").write_bytes(certificate.read_bytes())
        (folder / "tls.key").write_bytes(key.read_bytes())
    link = tmp_path / "secret"
    link.symlink_to(tmp_path / "version-0")
    broker = front("--tls-cert-file", link / "tls.crt", "--tls-private-key-file", link / "tls.key")
    first = broker.serial(authority.certificate)
    swapped = tmp_path / "swapped"
    swapped.symlink_to(tmp_path / "version-1")
    swapped.rename(link)
    renewed = wait_until("the new certificate being shown", lambda: broker.serial(authority.certificate) != first, 30)
    assert renewed


def test_a_broken_pair_keeps_the_old_one_and_is_told(front, authority, tmp_path):
    certificate, key = authority.issue("steady", "IP:127.0.0.1")
    copied, own_key = tmp_path / "tls.crt", tmp_path / "tls.key"
    copied.write_bytes(certificate.read_bytes())
    own_key.write_bytes(key.read_bytes())
    broker = front("--tls-cert-file", copied, "--tls-private-key-file", own_key)
    first = broker.serial(authority.certificate)
    _, another_key = authority.issue("another", "IP:127.0.0.1")
    own_key.write_bytes(another_key.read_bytes())
    broker.process.hang_up()
    wait_until("the error being logged", lambda: broker.says("what was before stays in use"), 10)
    assert broker.says("does not belong to the certificate")
    assert broker.serial(authority.certificate) == first


def test_nothing_older_than_tls_1_2_is_spoken(front, authority):
    certificate, key = authority.issue("modern", "IP:127.0.0.1")
    broker = front("--tls-cert-file", certificate, "--tls-private-key-file", key)
    old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{broker.port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
    assert "Cipher is (NONE)" in old.stdout
    for version, cipher in (("-tls1_2", "AES128-SHA"), ("-tls1_2", "ECDHE-ECDSA-AES128-SHA")):
        refused = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{broker.port}", version, "-cipher", cipher],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # fmt: skip
        assert "Cipher is (NONE)" in refused.stdout, cipher


def test_client_certificates_count_by_their_names(front, authority):
    server = authority.issue("server", "IP:127.0.0.1")
    broker = front("--tls-cert-file", server[0], "--tls-private-key-file", server[1],
                   "--client-ca-file", authority.certificate, "--client-names", "jane,spiffe://cluster/catalog")  # fmt: skip
    for name, names, status in (("jane", "DNS:jane.example", 200), ("joe", "DNS:joe.example", 401), ("other", "URI:spiffe://cluster/catalog", 200)):
        connection = broker.connection(authority.certificate, authority.issue(name, names))
        connection.request("GET", "/v2/catalog", headers={"X-Broker-API-Version": "2.17"})
        assert connection.getresponse().status == status, name
    connection = broker.connection(authority.certificate)
    connection.request("GET", "/v2/catalog", headers={"X-Broker-API-Version": "2.17"})
    assert connection.getresponse().status == 401


# --- authentication


def test_users_of_a_file_are_taken_anew(front, tmp_path):
    users = tmp_path / "users"
    users.write_text("# the platforms\none:opensesame\n")
    broker = front("--insecure", "--basic-auth-file", users)
    assert broker.status(basic("one", "opensesame")) == 200
    assert broker.status() == 401
    assert broker.challenges[0].startswith("Basic")
    users.write_text("two:{SHA256}045babdcd2118960e8c8b8e0ecf65b734686e1b18f58710c9646779f49e942ae\n")  # of abracadabra
    broker.process.hang_up()
    wait_until("the new user being accepted", lambda: broker.status(basic("two", "abracadabra")) == 200, 10)
    assert broker.status(basic("one", "opensesame")) == 401
    users.write_text("three\n")
    broker.process.hang_up()
    wait_until("the error being logged", lambda: broker.says("line 1: expected name:password"), 10)
    assert broker.status(basic("two", "abracadabra")) == 200
    assert "\naws_sb_authentication_failures_total " in broker.metrics()
    assert not broker.says("opensesame") and not broker.says("abracadabra")


def test_tokens_of_the_cluster_are_reviewed(front, control_plane):
    created = json.loads(control_plane.kubectl("get", "--raw", "/api/v1/namespaces/default"))
    assert created["metadata"]["name"] == "default"
    for name in ("allowed", "stranger"):
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "default"}}
        control_plane.kubectl("apply", "-f", "-", stdin=json.dumps(account))
    broker = front("--insecure", "--token-review", "--token-users", "system:serviceaccount:default:allowed", "--kubeconfig", control_plane.kubeconfig)

    def bearer(name: str) -> dict:
        return {"Authorization": "Bearer " + control_plane.kubectl("create", "token", name, "--namespace", "default").strip()}

    allowed = bearer("allowed")
    assert broker.status(allowed) == 200
    assert broker.status(bearer("stranger")) == 401
    assert broker.status({"Authorization": "Bearer nonsense"}) == 401
    assert broker.challenges[0].startswith("Bearer")
    assert allowed["Authorization"].split()[1] not in broker.process.output()


def test_an_api_server_that_is_down_makes_nobody_wrong(front, tmp_path):
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{free_port()}"}}
    kubeconfig.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "users": [{"name": "u", "user": {}}],
                                      "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "current-context": "x"}))  # fmt: skip
    broker = front("--insecure", "--token-review", "--token-groups", "g", "--kubeconfig", kubeconfig)
    assert broker.status({"Authorization": "Bearer of-somebody"}) == 503
    assert broker.status() == 401


# --- the sealing key


def table_named(emulator, name: str) -> str:
    emulator.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("id", "userid", "type")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "type-userid-index",
                "KeySchema": [{"AttributeName": "type", "KeyType": "HASH"}, {"AttributeName": "userid", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return name


def test_replicas_share_a_data_key_of_kms(make_broker, emulator):
    key = emulator.client("kms").create_key()["KeyMetadata"]["KeyId"]
    table = table_named(emulator, f"kms-{new_id()}")
    replicas = [make_broker("--store", f"dynamodb:{table}", "--encryption-key", f"kms:{key}") for _ in range(2)]
    instance, binding = new_id(), new_id()
    replicas[0].client.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    credentials = replicas[0].client.bind(instance, binding, plan="custom").body["credentials"]
    again = replicas[1].client.bind(instance, binding, plan="custom")
    assert (again.status, again.body["credentials"]) == (200, credentials)
    items = json.dumps(emulator.client("dynamodb").scan(TableName=table)["Items"], default=str)
    assert credentials["S3_AWS_SECRET_ACCESS_KEY"] not in items
    replicas[1].client.unbind(instance, binding, plan="custom")
    replicas[1].client.deprovisioned(instance, plan="custom")


def test_another_key_than_the_records_were_sealed_with_is_refused(make_broker, run_broker, emulator):
    table = table_named(emulator, f"keys-{new_id()}")
    make_broker("--store", f"dynamodb:{table}")
    done = run_broker("--insecure", "--store", f"dynamodb:{table}")
    assert done.returncode == 2
    assert "sealed with another key" in done.stderr
    assert "--encryption-key" in done.stderr


# --- what it gives up, logs and metrics


def test_it_gives_up_writing_and_dumps(front):
    broker = front("--insecure")
    status = Path(f"/proc/{broker.process.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert broker.says("Writing files is restricted to the data folder") or broker.says("no Landlock")


def test_a_credential_process_may_still_write(front, tmp_path):
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\ntouch {tmp_path}/cache\necho '{json.dumps({'Version': 1, 'AccessKeyId': 'test', 'SecretAccessKey': 'test'})}'\n")
    helper.chmod(0o700)
    config = tmp_path / "config"
    config.write_text(f"[profile helped]\ncredential_process = {helper}\nregion = eu-west-1\n")
    broker = front("--insecure", "--profile", "helped",
                   environment={"AWS_CONFIG_FILE": str(config), "AWS_REGION": "", "AWS_DEFAULT_REGION": ""})  # fmt: skip
    assert (tmp_path / "cache").exists()
    assert broker.says("credential_process of profile helped")
    assert broker.says("region=eu-west-1") and broker.says('region_from="profile helped"')


def test_every_request_is_a_line_and_none_holds_a_secret(make_broker, emulator):
    broker = make_broker("--log-level", "debug")
    osb, instance, binding = broker.client, new_id(), new_id()
    osb.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    credentials = osb.bind(instance, binding, plan="custom").body["credentials"]
    osb.unbind(instance, binding, plan="custom")
    OsbClient(broker.url, "broker", "a-wrong-password").call("GET", "/v2/catalog")
    osb.deprovisioned(instance, plan="custom")
    log = broker.process.output()
    lines = [line for line in log.splitlines() if "Answered" in line]
    for action, status in (("provision", 202), ("last_operation", 200), ("bind", 201), ("unbind", 200), ("deprovision", 202), ("catalog", 401)):
        found = [line for line in lines if f"action={action}  status={status}" in line]
        assert found, action
        assert "seconds=" in found[0] and "peer=127.0.0.1" in found[0]
        assert action == "catalog" or (f"instance={instance}" in found[0] and "caller=broker" in found[0])
    authorization = osb.headers["Authorization"].split()[1]
    for secret in (credentials["S3_AWS_SECRET_ACCESS_KEY"], "a-password-of-the-tests", "a-wrong-password", authorization):
        assert secret not in log
    with urllib.request.urlopen(f"{broker.url}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    assert 'aws_sb_http_request_seconds_count{action="bind"} 1' in metrics
    assert 'aws_sb_aws_calls_total{operation="CreateStack",outcome="ok",service="cloudformation"} 1' in metrics


def test_instances_are_counted_by_phase(make_broker):
    broker = make_broker()
    instance = new_id()
    broker.client.provisioned(instance, plan="custom", parameters={"PreventDeletion": "False"})
    broker.restart_after_kill()

    def counted() -> bool:
        with urllib.request.urlopen(f"{broker.url}/metrics", timeout=10) as answer:
            return 'aws_sb_instances{phase="ready"} 1' in answer.read().decode()

    wait_until("the instance being counted", counted, 10)
    broker.client.deprovisioned(instance, plan="custom")


def test_an_empty_catalog_is_not_ready_and_says_why(front):
    broker = front("--insecure", "--classes", "no-such-class")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{broker.port}/readyz", timeout=10)
    assert refused.value.code == 503
    assert "--classes" in refused.value.read().decode()
