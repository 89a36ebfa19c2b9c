"""The Kubernetes client library for Python talks to the control plane as to any API server."""

import threading

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client import ApiException

GROUP = ("servicecatalog.k8s.io", "v1beta1")


@pytest.fixture
def api(control_plane):
    return config.new_client_from_config(str(control_plane.kubeconfig))


@pytest.fixture
def core(api):
    return client.CoreV1Api(api)


def config_map(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"app": "demo"}), data=data)


def test_objects_are_created_read_changed_listed_and_deleted(core, namespace):
    made = core.create_namespaced_config_map(namespace, config_map("one", a="1"))
    assert made.metadata.uid
    assert made.metadata.resource_version
    core.patch_namespaced_config_map("one", namespace, {"data": {"b": "2"}})
    read = core.read_namespaced_config_map("one", namespace)
    assert read.data == {"a": "1", "b": "2"}
    listed = core.list_namespaced_config_map(namespace, label_selector="app=demo")
    assert [item.metadata.name for item in listed.items] == ["one"]
    core.delete_namespaced_config_map("one", namespace)
    with pytest.raises(ApiException) as refusal:
        core.read_namespaced_config_map("one", namespace)
    assert refusal.value.status == 404


def test_a_stale_version_is_a_conflict(core, namespace):
    made = core.create_namespaced_config_map(namespace, config_map("one", a="1"))
    core.patch_namespaced_config_map("one", namespace, {"data": {"a": "2"}})
    made.data = {"a": "3"}
    with pytest.raises(ApiException) as refusal:
        core.replace_namespaced_config_map("one", namespace, made)
    assert refusal.value.status == 409
    assert "the object has been modified" in refusal.value.body


def test_a_watch_tells_what_happens_in_order(core, namespace):
    since = core.list_namespaced_config_map(namespace).metadata.resource_version

    def act():
        core.create_namespaced_config_map(namespace, config_map("w", a="1"))
        core.patch_namespaced_config_map("w", namespace, {"data": {"a": "2"}})
        core.delete_namespaced_config_map("w", namespace)

    actor = threading.Thread(target=act)
    actor.start()
    seen = []
    for event in watch.Watch().stream(core.list_namespaced_config_map, namespace, resource_version=since, timeout_seconds=20):
        seen.append(event["type"])
        if event["type"] == "DELETED":
            break
    actor.join()
    assert seen == ["ADDED", "MODIFIED", "DELETED"]


def test_a_list_comes_in_pages(core, namespace):
    for number in range(7):
        core.create_namespaced_config_map(namespace, config_map(f"p{number}"))
    names, token = [], None
    while True:
        page = core.list_namespaced_config_map(namespace, limit=3, _continue=token)
        assert len(page.items) <= 3
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    assert names == [f"p{number}" for number in range(7)]


def test_the_dynamic_client_finds_the_catalog_s_kinds(api):
    kinds = dynamic.DynamicClient(api)
    instances = kinds.resources.get(api_version="/".join(GROUP), kind="ServiceInstance")
    assert instances.namespaced
    assert kinds.get(instances).items == []


def test_custom_objects_keep_to_their_schema(api, namespace):
    objects = client.CustomObjectsApi(api)
    body = {"apiVersion": "/".join(GROUP), "kind": "ServiceBroker", "metadata": {"name": "b"}, "spec": {"url": 7}}
    with pytest.raises(ApiException) as refusal:
        objects.create_namespaced_custom_object(*GROUP, namespace, "servicebrokers", body)
    assert refusal.value.status == 422
    assert "spec.url" in refusal.value.body


def test_without_a_token_nothing_is_told(control_plane, api):
    anonymous = client.Configuration()
    anonymous.host = api.configuration.host
    anonymous.ssl_ca_cert = api.configuration.ssl_ca_cert
    for token in (None, "Bearer wrong"):
        anonymous.api_key = {"authorization": token} if token else {}
        with pytest.raises(ApiException) as refusal:
            client.CoreV1Api(client.ApiClient(anonymous)).list_namespace()
        assert refusal.value.status in (401, 403)  # a cluster may know an anonymous user, who may not ask this


def test_a_server_that_is_not_ours_is_not_trusted(api):
    stranger = client.Configuration()
    stranger.host = api.configuration.host
    stranger.retries = False
    with pytest.raises(ApiException, match="CERTIFICATE_VERIFY_FAILED"):
        client.CoreV1Api(client.ApiClient(stranger)).list_namespace()
