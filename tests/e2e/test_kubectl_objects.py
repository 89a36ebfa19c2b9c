"""kubectl's verbs on objects, against the control plane."""

import json

import pytest
from chandlery_dev.processes import wait_until

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {tier: front}}
data: {colour: blue}
"""


@pytest.fixture
def kubectl(control_plane, namespace):
    return control_plane.in_namespace(namespace)


def value(kubectl, path):
    return kubectl("get", "configmap/settings", "-o", f"jsonpath={{{path}}}")


def test_apply_creates_then_changes_only_what_differs(kubectl):
    assert kubectl("apply", "-f", "-", stdin=CONFIG) == "configmap/settings created\n"
    assert kubectl("apply", "-f", "-", stdin=CONFIG) == "configmap/settings unchanged\n"
    assert kubectl("apply", "-f", "-", stdin=CONFIG.replace("blue", "red")) == "configmap/settings configured\n"
    assert value(kubectl, ".data.colour") == "red"


def test_server_side_apply_tells_who_owns_a_field(kubectl):
    assert "serverside-applied" in kubectl("apply", "--server-side", "--field-manager=a", "-f", "-", stdin=CONFIG)
    changed = CONFIG.replace("blue", "red")
    refusal = kubectl("apply", "--server-side", "--field-manager=b", "-f", "-", stdin=changed, check=False)
    assert 'conflict with "a"' in refusal
    assert ".data.colour" in refusal
    kubectl("apply", "--server-side", "--field-manager=b", "--force-conflicts", "-f", "-", stdin=changed)
    assert value(kubectl, ".data.colour") == "red"


def test_create_refuses_what_exists(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    refusal = kubectl("create", "-f", "-", stdin=CONFIG, check=False)
    assert 'configmaps "settings" already exists' in refusal


def test_create_makes_the_core_kinds_from_flags(kubectl):
    assert kubectl("create", "secret", "generic", "s", "--from-literal=a=b") == "secret/s created\n"
    assert kubectl("create", "configmap", "c", "--from-literal=a=b") == "configmap/c created\n"
    assert kubectl("create", "serviceaccount", "robot") == "serviceaccount/robot created\n"
    assert kubectl("get", "secret/s", "-o", "jsonpath={.data.a}") == "Yg=="
    assert kubectl("create", "token", "robot").count(".") == 2
    assert kubectl("auth", "can-i", "create", "secrets") == "yes\n"


def test_a_list_is_applied_and_what_is_wrong_in_it_is_told(kubectl):
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}
    listed = {"apiVersion": "v1", "kind": "List", "items": [item, {**item, "metadata": {"name": "two"}}]}
    assert kubectl("apply", "-f", "-", stdin=json.dumps(listed)) == "configmap/one created\nconfigmap/two created\n"
    listed["items"][1]["data"] = {"a": {"b": "c"}}
    assert "ConfigMap.data.a" in kubectl("apply", "-f", "-", stdin=json.dumps(listed), check=False)


def test_diff_shows_nothing_where_nothing_differs(kubectl):
    kubectl("apply", "--server-side", "-f", "-", stdin=CONFIG)
    assert kubectl("diff", "-f", "-", stdin=CONFIG) == ""


def test_edit_patches_what_was_changed(kubectl, control_plane, monkeypatch, tmp_path):
    kubectl("create", "-f", "-", stdin=CONFIG)
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/colour: blue/colour: green/" "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("KUBE_EDITOR", str(editor))
    assert "edited" in kubectl("edit", "configmap/settings")
    assert value(kubectl, ".data.colour") == "green"


@pytest.mark.parametrize(
    ("kind", "patch", "path", "result"),
    [
        ("strategic", {"data": {"size": "1"}}, ".data.size", "1"),
        ("merge", {"data": {"colour": None, "size": "2"}}, ".data", '{"size":"2"}'),
        ("json", [{"op": "replace", "path": "/data/colour", "value": "red"}], ".data.colour", "red"),
    ],
)
def test_patch(kubectl, kind, patch, path, result):
    kubectl("create", "-f", "-", stdin=CONFIG)
    kubectl("patch", "configmap/settings", f"--type={kind}", "-p", json.dumps(patch))
    assert value(kubectl, path) == result


def test_replace_label_and_annotate(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    kubectl("replace", "-f", "-", stdin=CONFIG.replace("blue", "red"))
    kubectl("label", "configmap/settings", "tier=back", "--overwrite")
    kubectl("annotate", "configmap/settings", "note=seen")
    shown = json.loads(kubectl("get", "configmap/settings", "-o", "json"))
    assert shown["data"] == {"colour": "red"}
    assert shown["metadata"]["labels"] == {"tier": "back"}
    assert shown["metadata"]["annotations"] == {"note": "seen"}


def test_selectors(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    kubectl("create", "-f", "-", stdin=CONFIG.replace("settings", "other").replace("front", "back"))
    assert kubectl("get", "configmaps", "-l", "tier=back", "-o", "name") == "configmap/other\n"
    assert kubectl("get", "configmaps", "-l", "tier notin (back)", "-o", "name") == "configmap/settings\n"
    assert kubectl("get", "configmaps", "--field-selector", "metadata.name=other", "-o", "name") == "configmap/other\n"
    refusal = kubectl("get", "configmaps", "--field-selector", "data.colour=blue", check=False)
    assert "(BadRequest)" in refusal
    assert "data.colour" in refusal


def test_delete_waits_for_finalizers(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG.replace("labels:", "finalizers: [example.com/hold], labels:"))
    kubectl("delete", "configmap/settings", "--wait=false")
    assert value(kubectl, ".metadata.deletionTimestamp")
    refusal = kubectl("patch", "configmap/settings", "--type=merge", "-p", '{"metadata":{"finalizers":["example.com/more","example.com/hold"]}}', check=False)
    assert "no new finalizers can be added" in refusal
    kubectl("patch", "configmap/settings", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "not found" in kubectl("get", "configmap/settings", check=False)


def test_what_is_owned_goes_with_its_owner(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    uid = value(kubectl, ".metadata.uid")
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "uid": uid}
    owned = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owned", "ownerReferences": [owner]}}
    kubectl("create", "-f", "-", stdin=json.dumps(owned))
    orphan = {**owned, "metadata": {"name": "stray", "ownerReferences": [{**owner, "uid": "00000000-0000-4000-8000-000000000000"}]}}
    kubectl("create", "-f", "-", stdin=json.dumps(orphan))
    kubectl("wait", "--for=delete", "configmap/stray", "--timeout=20s")
    kubectl("delete", "configmap/settings")
    kubectl("wait", "--for=delete", "configmap/owned", "--timeout=20s")


def test_orphans_stay_when_that_is_asked_for(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "uid": value(kubectl, ".metadata.uid")}
    owned = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owned", "ownerReferences": [owner]}}
    kubectl("create", "-f", "-", stdin=json.dumps(owned))
    kubectl("delete", "configmap/settings", "--cascade=orphan")
    wait_until("the owner being gone", lambda: "not found" in kubectl("get", "configmap/settings", check=False), 20)
    assert kubectl("get", "configmap/owned", "-o", "jsonpath={.metadata.ownerReferences}") == ""


def test_a_foreground_deletion_takes_what_is_owned_first(kubectl):
    kubectl("create", "-f", "-", stdin=CONFIG)
    uid = value(kubectl, ".metadata.uid")
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "settings", "uid": uid, "blockOwnerDeletion": True}
    metadata = {"name": "owned", "ownerReferences": [owner], "finalizers": ["example.com/hold"]}
    kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))
    kubectl("delete", "configmap/settings", "--cascade=foreground", "--wait=false")
    wait_until("the owned one being deleted", lambda: kubectl("get", "configmap/owned", "-o", "jsonpath={.metadata.deletionTimestamp}"), 20)
    assert value(kubectl, ".metadata.name") == "settings"
    kubectl("patch", "configmap/owned", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    kubectl("wait", "--for=delete", "configmap/settings", "--timeout=20s")


def test_a_namespace_goes_with_what_is_in_it(kubectl, control_plane, namespace):
    kubectl("create", "-f", "-", stdin=CONFIG.replace("labels:", "finalizers: [example.com/hold], labels:"))
    control_plane.kubectl("delete", "namespace", namespace, "--wait=false")

    def message():
        shown = control_plane.get("namespace", namespace)
        conditions = {one["type"]: one for one in shown.get("status", {}).get("conditions", [])}
        return conditions.get("NamespaceFinalizersRemaining", {}).get("message")

    assert "example.com/hold in 1 resource instances" in wait_until("the reason being told", message, 20)
    refusal = kubectl("create", "-f", "-", stdin=CONFIG.replace("settings", "late"), check=False)
    assert "because it is being terminated" in refusal
    kubectl("patch", "configmap/settings", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    control_plane.kubectl("wait", "--for=delete", f"namespace/{namespace}", "--timeout=20s")


def test_secrets_take_text_and_show_sizes(kubectl):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "hunter2"}}
    kubectl("create", "-f", "-", stdin=json.dumps(secret))
    assert kubectl("get", "secret/s", "-o", "jsonpath={.data.password}") == "aHVudGVyMg=="
    assert "password:  7 bytes" in kubectl("describe", "secret/s")


@pytest.mark.local
def test_secrets_are_sealed_on_disk(kubectl, control_plane):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sealed"}, "stringData": {"k": "a-very-visible-value"}}
    kubectl("create", "-f", "-", stdin=json.dumps(secret))
    folder = control_plane.folder / "control-plane"
    for file in folder.iterdir():
        content = file.read_bytes() if file.is_file() else b""
        assert b"a-very-visible-value" not in content, file
        assert b"YS12ZXJ5LXZpc2libGUtdmFsdWU" not in content, file
        assert file.suffix == ".crt" or file.stat().st_mode & 0o077 == 0, f"{file} is readable by others"
