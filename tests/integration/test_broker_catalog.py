"""GET /v2/catalog: who may read it, and what it says."""

import gzip
import json
import urllib.request
import uuid

import pytest
from chandlery_dev.processes import REPOSITORY
from osb_client import OsbClient

FACTS = json.loads((REPOSITORY / "tests/data/classes.json").read_text())


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [("broker", "a-password-of-the-tests", 200), ("broker", "wrong", 401), ("nobody", "a-password-of-the-tests", 401), (None, None, 401)],
)
def test_it_asks_for_credentials(shared_broker, user, password, status):
    assert OsbClient(shared_broker.url, user, password).call("GET", "/v2/catalog").status == status


@pytest.mark.parametrize(("version", "status"), [("2.17", 200), ("2.13", 200), ("2.99", 200), ("3.0", 412), ("1.9", 412), ("x", 412), (None, 412)])
def test_it_asks_for_the_version(osb, version, status):
    answer = osb.call("GET", "/v2/catalog", headers={"X-Broker-API-Version": version})
    assert answer.status == status
    if status != 200:
        assert answer.body["description"]


def test_ids_are_derived_from_account_and_names(osb):
    account = uuid.UUID("5c6cfb2d-bc47-5d42-94e9-1d4a5e427876")
    for service in osb.call("GET", "/v2/catalog").body["services"]:
        assert service["id"] == str(uuid.uuid5(account, service["name"]))
        for plan in service["plans"]:
            assert plan["id"] == str(uuid.uuid5(account, f"service__{service['name']}__plan__{plan['name']}"))


def test_an_unchanged_catalog_is_not_sent_again(osb):
    etag = osb.call("GET", "/v2/catalog").headers["ETag"]
    assert osb.call("GET", "/v2/catalog", headers={"If-None-Match": etag}).status == 304


def test_it_is_compressed_for_who_asks_for_it(shared_broker, osb):
    def get(**headers):
        request = urllib.request.Request(f"{shared_broker.url}/v2/catalog", headers={**osb.headers, **headers})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.headers, answer.read()

    plain_headers, plain = get()
    headers, compressed = get(**{"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(compressed) == plain
    assert len(compressed) < len(plain) / 4
    assert headers["Vary"] == plain_headers["Vary"] == "Accept-Encoding, X-Broker-API-Version"
    assert headers["ETag"] != plain_headers["ETag"]
    refused, whole = get(**{"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused and whole == plain


@pytest.mark.parametrize("name", sorted(FACTS))
def test_classes_are_as_users_know_them(osb, name):
    fact = FACTS[name]
    services = {service["name"]: service for service in osb.call("GET", "/v2/catalog").body["services"]}
    service = services[name]
    assert service["description"] == fact["description"]
    assert service["tags"] == fact["tags"]
    assert service["bindable"] is True
    plans = {plan["name"]: plan for plan in service["plans"]}
    assert set(plans) == set(fact["plans"])
    for plan_name, plan in plans.items():
        schema = plan["schemas"]["service_instance"]["create"]["parameters"]
        assert schema["$schema"] == "http://json-schema.org/draft-06/schema#"
        prescribed = fact["plans"][plan_name].get("prescribed", {})
        own = {name for name in schema["properties"] if name in fact["parameters"]}
        assert own == set(fact["parameters"]) - set(prescribed)
        for parameter in own:
            expected = fact["plans"][plan_name].get("defaults", {}).get(parameter, fact["parameters"][parameter].get("default"))
            assert str(schema["properties"][parameter].get("default")) == str(expected), (plan_name, parameter)
        form = schema["openshift_form_definition"]
        assert {key for fieldset in form for key in fieldset} == {"Type", "Title", "Items"}
        assert {item for fieldset in form for item in fieldset["Items"]} == set(schema["properties"])
        assert form[-1]["Title"] == "AWS Account Information"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v2/nothing", 404), ("POST", "/v2/catalog", 405), ("GET", "/", 404)])
def test_what_is_not_there_is_said_so(osb, method, path, status):
    assert osb.call(method, path).status == status


def test_health_needs_no_credentials(shared_broker):
    for path in ("healthz", "readyz"):
        with urllib.request.urlopen(f"{shared_broker.url}/{path}", timeout=5) as answer:
            assert (answer.status, answer.read().strip()) == (200, b"ok")
