"""The chart aws-servicebroker: what it makes, how it passes values on, and which it refuses."""

import base64
import json
import subprocess

import pytest
import yaml
from kubernetes_schema import problems
from rendered_chart import CHARTS, container, find, names

NAME = "aws-servicebroker"
KEYS = ('aws.accesskeyid="AKIAIOSFODNN7EXAMPLE"', 'aws.secretkey="secret"')
ROLE = 'aws.roleArn="arn:aws:iam::111122223333:role/broker"'


def environment(objects: list[dict]) -> dict[str, object]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container(objects, NAME)["env"] or []}


def test_it_makes_the_objects_that_its_users_know(broker):
    made = names(broker.render(*KEYS))
    for expected in (
        ("Service", NAME),
        ("Deployment", NAME),
        ("ClusterServiceBroker", NAME),
        ("Secret", f"{NAME}-credentials"),
        ("Secret", f"{NAME}-cert"),
        ("ServiceAccount", f"{NAME}-service"),
        ("ServiceAccount", f"{NAME}-client"),
        ("ClusterRole", f"access-{NAME}"),
        ("ClusterRole", NAME),
        ("ClusterRoleBinding", f"access-{NAME}"),
        ("ClusterRoleBinding", NAME),
    ):
        assert expected in made
    assert ("ServiceBroker", NAME) not in made


@pytest.mark.parametrize(
    "settings",
    [
        KEYS,
        (ROLE, 'encryption.kmsKey="alias/broker"', "deployNamespacedServiceBroker=true", 'extraEnv=[{"name": "A", "value": "b"}]'),
        ("persistence.enabled=true", "networkPolicy.metricsFrom=[{\"podSelector\": {}}]", 'brokerconfig.roleBindings={"rules": []}'),
        ("serviceMonitor.enabled=true", "prometheusRule.enabled=true", "dashboards.enabled=true"),
    ],
    ids=["keys", "role", "volume", "monitoring"],
)
def test_every_object_is_one_that_kubernetes_knows(broker, settings):
    assert [problem for each in broker.render(*settings) for problem in problems(each)] == []


def test_the_catalog_is_told_where_the_broker_is_whom_to_trust_and_which_token_to_bring(broker):
    objects = broker.render(*KEYS)
    spec = find(objects, "ClusterServiceBroker", NAME)["spec"]
    assert spec["url"] == "https://aws-servicebroker.aws-sb.svc.cluster.local"
    assert spec["caBundle"] == find(objects, "Secret", f"{NAME}-cert")["data"]["ca.crt"]
    assert spec["authInfo"]["bearer"]["secretRef"] == {"name": NAME, "namespace": "aws-sb"}
    token = find(objects, "Secret", NAME)
    assert token["type"] == "kubernetes.io/service-account-token"
    assert token["metadata"]["annotations"]["kubernetes.io/service-account.name"] == f"{NAME}-client"
    flags = container(objects, NAME)["args"]
    assert "--token-users=system:serviceaccount:aws-sb:aws-servicebroker-client" in flags


def test_a_broker_of_one_namespace_is_registered_there(broker):
    objects = broker.render(*KEYS, "deployClusterServiceBroker=false", "deployNamespacedServiceBroker=true")
    assert ("ClusterServiceBroker", NAME) not in names(objects)
    own = find(objects, "ServiceBroker", NAME)
    assert own["metadata"]["namespace"] == "aws-sb"
    assert own["spec"]["authInfo"]["bearer"]["secretRef"] == {"name": NAME}


def test_without_authentication_nobody_is_asked_for_a_token(broker):
    objects = broker.render(*KEYS, "authenticate=false")
    assert "authInfo" not in find(objects, "ClusterServiceBroker", NAME)["spec"]
    assert "--token-review" not in container(objects, NAME)["args"]
    assert ("Secret", NAME) not in names(objects)


def test_keys_come_from_a_secret_of_the_chart_or_of_the_user_or_there_are_none(broker):
    def source(secret: str) -> dict:
        return {"secretKeyRef": {"name": secret, "key": "accesskeyid"}}

    assert environment(broker.render(*KEYS))["AWS_ACCESS_KEY_ID"] == source(f"{NAME}-credentials")
    existing = broker.render('aws.existingSecret="mine"')
    assert environment(existing)["AWS_ACCESS_KEY_ID"] == source("mine")
    assert ("Secret", f"{NAME}-credentials") not in names(existing)
    with_role = broker.render(ROLE)
    assert "AWS_ACCESS_KEY_ID" not in environment(with_role)
    account = find(with_role, "ServiceAccount", f"{NAME}-service")
    assert account["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/broker"}


def test_what_is_for_every_instance_is_passed_on_as_overrides(broker):
    given = ('aws.targetaccountid="444455556666"', 'aws.targetrolename="worker"', 'aws.vpcid="vpc-0a1b"', 'aws.region="eu-west-1"')
    prefix = "PARAM_OVERRIDE_awsservicebroker_all_all_all_"
    overrides = {name.removeprefix(prefix): value for name, value in environment(broker.render(*KEYS, *given)).items() if prefix in name}
    assert overrides == {
        "region": "eu-west-1", "target_account_id": "444455556666", "target_role_name": "worker", "VpcId": "vpc-0a1b",
    }  # fmt: skip


def test_replicas_share_the_key_that_records_are_sealed_with(broker):
    objects = broker.render(*KEYS)
    assert find(objects, "Deployment", NAME)["spec"]["replicas"] == 2
    assert "--encryption-key=file:/var/run/awssb-key/encryption.key" in container(objects, NAME)["args"]
    key = find(objects, "Secret", f"{NAME}-encryption-key")
    assert len(base64.b64decode(key["data"]["encryption.key"])) == 32
    assert key["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    by_kms = broker.render(*KEYS, 'encryption.kmsKey="alias/broker"')
    assert "--encryption-key=kms:alias/broker" in container(by_kms, NAME)["args"]
    assert ("Secret", f"{NAME}-encryption-key") not in names(by_kms)


def test_on_a_volume_there_is_one_broker_and_the_records_outlive_it(broker):
    objects = broker.render(*KEYS, "persistence.enabled=true")
    spec = find(objects, "Deployment", NAME)["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert not [flag for flag in container(objects, NAME)["args"] if flag.startswith("--tableName")]
    claim = find(objects, "PersistentVolumeClaim", f"{NAME}-data")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert "leave replicas out" in broker.refusal(*KEYS, "persistence.enabled=true", "replicas=2")


def test_templates_come_from_a_bucket_where_one_is_given(broker):
    built_in = container(broker.render(*KEYS), NAME)["args"]
    assert not [flag for flag in built_in if flag.startswith("--s3")]
    own = container(broker.render(*KEYS, 'aws.bucket="mine"', 'aws.s3region="eu-west-1"'), NAME)["args"]
    assert {"--s3Bucket=mine", "--s3Key=templates/latest", "--s3Region=eu-west-1"} <= set(own)


def test_the_pods_keep_the_restricted_pod_security_standard(broker):
    objects = broker.render(*KEYS)
    pods = [find(objects, "Deployment", NAME)["spec"]["template"]["spec"], find(objects, "Pod", f"{NAME}-doctor")["spec"]]
    for pod in pods:
        assert pod["enableServiceLinks"] is False, "BROKER_PORT and the like are not to be what a Service of that name says"
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (only,) = pod["containers"]
        assert only["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip


def test_the_broker_takes_every_flag_that_the_chart_gives_it(broker, bin_dir):
    known = subprocess.run([bin_dir / "aws-servicebroker", "--help"], capture_output=True, text=True, check=True).stdout
    words = set(known.replace(",", " ").split())
    for settings in (KEYS, ('aws.bucket="mine"', 'encryption.kmsKey="k"', 'brokerconfig.bindingLifetime="90d"', 'brokerconfig.classes="s3"')):
        for flag in container(broker.render(*settings), NAME)["args"]:
            assert flag.partition("=")[0] in words, flag


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (('aws.region="Frankfurt"',), "/aws/region"),
        (('aws.accesskeyid="AKIAIOSFODNN7EXAMPLE"',), "must be given together"),
        ((*KEYS, 'aws.existingSecret="mine"'), "not both"),
        (('aws.targetaccountid="12"',), "/aws/targetaccountid"),
        (('brokerconfig.brokerid="aws-service-broker"',), "/brokerconfig/brokerid"),
        (('aws.tableName="awssb"',), "'tableName' not allowed"),
        (('tls.cert="QUJD"',), "tls.cert and tls.key"),
        (('encryption.kmsKey="a"', 'encryption.existingSecret="b"'), "not both"),
        (('aws.tablename=""',), "aws.tablename must be given"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(broker, settings, says):
    assert says in broker.refusal(*settings)


def test_every_value_is_in_the_schema(broker):
    schema = json.loads((CHARTS / broker.name / "values.schema.json").read_text())
    values = yaml.safe_load((CHARTS / broker.name / "values.yaml").read_text())
    assert values.keys() == schema["properties"].keys() - {"global", "kubeTargetVersionOverride"}
