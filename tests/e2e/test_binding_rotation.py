"""Credentials of a real class are rotated without a gap: both keys work in the overlap, the old one is revoked after it."""

import base64
import json

import pytest
from chandlery_dev.processes import wait_until
from manifests import manifest


@pytest.fixture
def kubectl(stack, stack_namespace):
    return stack.in_namespace(stack_namespace)


def apply(kubectl, kind: str, name: str, spec: dict) -> None:
    kubectl("apply", "-f", "-", stdin=manifest(kind, name, spec))


def key_in_secret(kubectl) -> str:
    return base64.b64decode(kubectl("get", "secret/binding", "-o", "jsonpath={.data.S3_AWS_ACCESS_KEY_ID}")).decode()


def rotation(kubectl) -> dict:
    return json.loads(kubectl("get", "servicebinding/binding", "-o", "json")).get("status", {}).get("rotation", {})


def keys_in_account(stack) -> set[str]:
    iam = stack.emulator.client("iam")
    return {
        key["AccessKeyId"]
        for user in iam.list_users()["Users"]
        for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        if key["Status"] == "Active"
    }


def test_the_keys_of_a_bucket_are_rotated(stack, kubectl):
    apply(kubectl, "ServiceInstance", "bucket", {"clusterServiceClassExternalName": "s3", "clusterServicePlanExternalName": "production"})
    kubectl("wait", "--for=condition=Ready", "serviceinstance/bucket", "--timeout=120s")
    apply(kubectl, "ServiceBinding", "binding", {"instanceRef": {"name": "bucket"}, "rotation": {"overlap": "8s"}})
    kubectl("wait", "--for=condition=Ready", "servicebinding/binding", "--timeout=60s")
    first = key_in_secret(kubectl)
    assert first in keys_in_account(stack)

    kubectl("annotate", "servicebinding/binding", "servicecatalog.k8s.io/rotate=leaked")
    second = wait_until("new keys in the Secret", lambda: (now := key_in_secret(kubectl)) != first and now, 30)
    assert {first, second} <= keys_in_account(stack)
    shown = wait_until("the rotation in status", lambda: (now := rotation(kubectl)).get("bindingID") and now, 10)
    external_id = kubectl("get", "servicebinding/binding", "-o", "jsonpath={.spec.externalID}")
    assert [one["bindingID"] for one in shown["previous"]] == [external_id]
    assert shown["request"] == "leaked"
    assert kubectl("get", "servicebinding/binding", "--no-headers").split()[3] == "Ready"

    wait_until("the old key being revoked", lambda: first not in keys_in_account(stack), 60)
    assert second in keys_in_account(stack)
    wait_until("the revocation in status", lambda: "previous" not in rotation(kubectl), 10)
    assert key_in_secret(kubectl) == second

    kubectl("delete", "servicebinding/binding", "--timeout=60s")
    assert not {first, second} & keys_in_account(stack)
    kubectl("delete", "serviceinstance/bucket", "--timeout=120s")
