"""The chart catalog: what it makes, and which values it refuses."""

import json
import subprocess

import pytest
import yaml
from chandlery_dev.processes import REPOSITORY
from kubernetes_schema import problems
from rendered_chart import CHARTS, container, find, names

EVERYTHING = (
    "serviceMonitor.enabled=true",
    "prometheusRule.enabled=true",
    "dashboards.enabled=true",
    'imagePullSecrets=[{"name": "registry"}]',
    'webhook.nodeSelector={"kubernetes.io/os": "linux"}',
    'controllerManager.tolerations=[{"key": "spot", "operator": "Exists"}]',
    'controllerManager.podAnnotations={"team": "platform"}',
)


def test_it_makes_the_objects_that_its_users_know(catalog):
    made = names(catalog.render())
    for expected in (
        ("Deployment", "catalog-catalog-webhook"),
        ("Deployment", "catalog-catalog-controller-manager"),
        ("ServiceAccount", "service-catalog-webhook"),
        ("ServiceAccount", "service-catalog-controller-manager"),
        ("ClusterRoleBinding", "servicecatalog.k8s.io:webhook"),
        ("ClusterRoleBinding", "servicecatalog.k8s.io:controller-manager"),
        ("Role", "servicecatalog.k8s.io:leader-election"),
        ("RoleBinding", "servicecatalog.k8s.io:leader-election"),
        ("Role", "servicecatalog.k8s.io:cluster-info"),
        ("RoleBinding", "servicecatalog.k8s.io:cluster-info"),
        ("Service", "catalog-catalog-webhook"),
        ("MutatingWebhookConfiguration", "service-catalog-webhook"),
        ("ValidatingWebhookConfiguration", "service-catalog-webhook"),
        ("PodDisruptionBudget", "catalog-catalog-webhook"),
        ("NetworkPolicy", "catalog-catalog-controller-manager"),
    ):
        assert expected in made


@pytest.mark.parametrize(
    "settings",
    [
        (),
        EVERYTHING,
        ('webhook.tls.source="certManager"',),
        ('webhook.tls.source="secret"', 'webhook.tls.existingSecret="mine"', 'webhook.tls.caBundle="QUJD"'),
    ],
    ids=["defaults", "everything", "cert-manager", "own secret"],
)
def test_every_object_is_one_that_kubernetes_knows(catalog, settings):
    assert [problem for each in catalog.render(*settings) for problem in problems(each)] == []


def test_its_kinds_are_those_of_deploy_crds_and_outlive_it(catalog):
    rendered = {each["metadata"]["name"]: each for each in catalog.render() if each["kind"] == "CustomResourceDefinition"}
    ours = [yaml.safe_load(file.read_text()) for file in (REPOSITORY / "deploy/crds").glob("*.yaml")]
    assert rendered.keys() == {crd["metadata"]["name"] for crd in ours}
    for crd in ours:
        found = rendered[crd["metadata"]["name"]]
        assert found["spec"] == crd["spec"]
        assert found["metadata"]["annotations"].pop("helm.sh/resource-policy") == "keep"
        assert found["metadata"] == crd["metadata"]


def test_a_package_of_it_has_the_kinds_too(catalog, tmp_path):
    subprocess.run([catalog.helm, "package", CHARTS / "catalog", "--destination", tmp_path], check=True, capture_output=True)
    (package,) = tmp_path.glob("*.tgz")
    shown = subprocess.run([catalog.helm, "template", "catalog", package], check=True, capture_output=True, text=True).stdout
    kinds = [each["kind"] for each in yaml.safe_load_all(shown) if each]
    assert kinds.count("CustomResourceDefinition") == len(list((REPOSITORY / "deploy/crds").glob("*.yaml")))


def test_the_kinds_can_be_left_out_or_be_deleted_with_it(catalog):
    assert not [each for each in catalog.render("crds.install=false") if each["kind"] == "CustomResourceDefinition"]
    for each in catalog.render("crds.keep=false"):
        assert "helm.sh/resource-policy" not in each["metadata"].get("annotations", {})


def test_no_role_has_a_wildcard_and_only_the_controllers_may_read_others_secrets(catalog):
    roles = [each for each in catalog.render() if each["kind"] in ("ClusterRole", "Role")]
    assert roles
    for role in roles:
        for rule in role["rules"]:
            assert not [word for words in rule.values() for word in words if "*" in word], role["metadata"]["name"]
    with_secrets = {role["metadata"]["name"] for role in roles for rule in role["rules"] if "secrets" in rule["resources"]}
    assert with_secrets == {"servicecatalog.k8s.io:controller-manager", "servicecatalog.k8s.io:webhook-self-managed-tls"}


def test_the_pods_keep_the_restricted_pod_security_standard(catalog):
    pods = [each["spec"]["template"]["spec"] for each in catalog.render() if each["kind"] == "Deployment"]
    pods += [each["spec"] for each in catalog.render() if each["kind"] == "Pod"]
    assert len(pods) == 3
    for pod in pods:
        assert pod["enableServiceLinks"] is False, "BROKER_PORT and the like are not to be what a Service of that name says"
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for each in pod["containers"]:
            context = each["securityContext"]
            assert context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            assert each["resources"]["requests"]["memory"]


def test_the_programs_take_every_flag_that_the_chart_gives_them(catalog, bin_dir):
    objects = catalog.render()
    for deployment in ("catalog-catalog-webhook", "catalog-catalog-controller-manager"):
        command, *flags = container(objects, deployment)["args"]
        known = subprocess.run([bin_dir / "service-catalog", command, "--help"], capture_output=True, text=True, check=True).stdout
        for flag in flags:
            assert f"{flag.partition('=')[0]}" in known.replace(",", " ").split(), flag


def test_the_webhook_makes_the_certificate_of_its_service_and_may_do_that(catalog):
    objects = catalog.render()
    flags = container(objects, "catalog-catalog-webhook")["args"]
    secret, configuration = "service-catalog-webhook-tls", "service-catalog-webhook"
    assert {
        "--self-managed-tls",
        "--tls-dns-name=catalog-catalog-webhook.catalog.svc",
        f"--tls-secret-name={secret}",
        f"--webhook-configuration-name={configuration}",
    } <= set(flags)
    role = "servicecatalog.k8s.io:webhook-self-managed-tls"
    assert [secret] in [rule.get("resourceNames") for rule in find(objects, "Role", role)["rules"]]
    assert [configuration] in [rule.get("resourceNames") for rule in find(objects, "ClusterRole", role)["rules"]]
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        assert find(objects, kind, role)["subjects"][0]["name"] == "service-catalog-webhook"
    for kind in ("Mutating", "Validating"):
        for webhook in find(objects, f"{kind}WebhookConfiguration", configuration)["webhooks"]:
            assert "caBundle" not in webhook["clientConfig"]
            assert webhook["clientConfig"]["service"]["name"] == "catalog-catalog-webhook"
            of_deletion = webhook["name"].split(".")[0] in ("protect", "keep")  # a cluster can always delete
            assert webhook["failurePolicy"] == ("Ignore" if of_deletion else "Fail")


def test_a_certificate_of_ones_own_is_mounted_and_trusted(catalog):
    objects = catalog.render('webhook.tls.source="secret"', 'webhook.tls.existingSecret="mine"', 'webhook.tls.caBundle="QUJD"')
    assert "--self-managed-tls" not in container(objects, "catalog-catalog-webhook")["args"]
    (volume,) = find(objects, "Deployment", "catalog-catalog-webhook")["spec"]["template"]["spec"]["volumes"]
    assert volume["secret"]["secretName"] == "mine"
    for webhook in find(objects, "ValidatingWebhookConfiguration", "service-catalog-webhook")["webhooks"]:
        assert webhook["clientConfig"]["caBundle"] == "QUJD"
    assert not [each for each in objects if each["metadata"]["name"].endswith("self-managed-tls")]


def test_one_replica_has_no_disruption_budget_that_would_keep_its_node_from_being_drained(catalog):
    made = names(catalog.render("webhook.replicas=1"))
    assert ("PodDisruptionBudget", "catalog-catalog-webhook") not in made
    assert ("PodDisruptionBudget", "catalog-catalog-controller-manager") in made


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("webhook.replicas=0", "/webhook/replicas"),
        ('controllerManager.resyncInterval="soon"', "/controllerManager/resyncInterval"),
        ('webhook.failurePolicy="Maybe"', "/webhook/failurePolicy"),
        ("webhook.timeoutSeconds=31", "/webhook/timeoutSeconds"),
        ('controlerManager={"replicas": 3}', "'controlerManager' not allowed"),
        ('webhook.tls.source="secret"', "webhook.tls.existingSecret"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(catalog, setting, says):
    assert says in catalog.refusal(setting)


def test_every_value_is_in_the_schema(catalog):
    schema = json.loads((CHARTS / catalog.name / "values.schema.json").read_text())
    values = yaml.safe_load((CHARTS / catalog.name / "values.yaml").read_text())
    assert values.keys() == schema["properties"].keys() - {"global"}
