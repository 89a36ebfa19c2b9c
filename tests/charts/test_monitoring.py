"""Every expression of the alerts and the dashboards finds what it asks for in what the programs really tell, once what it is about has happened."""

import json
import sys
import threading
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from chandlery_dev.processes import Process, free_port, wait_until
from chandlery_dev.stack import Stack
from promql import Sample, beyond_threshold, grouping_labels, parse_scrape, selectors
from rendered_chart import CHARTS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_broker import FakeBroker
from osb_client import OsbClient, new_id

USER, PASSWORD = "broker", "a-password-of-the-tests"


def alerts(chart: str) -> dict[str, str]:
    """Their expressions by their names."""
    groups = yaml.safe_load((CHARTS / chart / "files/alerts.yaml").read_text())["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def expressions(chart: str) -> list[str]:
    panels = json.loads((CHARTS / chart / "files/dashboard.json").read_text())["panels"]
    return [*alerts(chart).values(), *(target["expr"] for panel in panels for target in panel["targets"])]


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def of_catalog(bin_dir, tmp_path_factory):
    """The metrics of a controller manager that has met a broker that works, one that fails, and one that is not there."""
    folder = tmp_path_factory.mktemp("catalog")
    api_server = Stack(folder)
    api_server.start_control_plane(controllers=False)
    working, failing = (FakeBroker(f"class-{uuid.uuid4().hex[:8]}") for _ in range(2))
    failing.answer("GET", "/v2/catalog", 500, {"description": "out of order"})
    for name, broker_url in (("working", working.url), ("failing", failing.url), ("absent", f"http://127.0.0.1:{free_port()}")):
        manifest = {
            "apiVersion": "servicecatalog.k8s.io/v1beta1", "kind": "ClusterServiceBroker", "metadata": {"name": name}, "spec": {"url": broker_url},
        }  # fmt: skip
        api_server.kubectl("create", "-f", "-", stdin=json.dumps(manifest))
    port = free_port()
    command = [bin_dir / "service-catalog", "controller-manager", "--kubeconfig", api_server.kubeconfig]
    manager = Process("controller-manager", [*command, "--bind-address", "127.0.0.1", "--port", port], folder / "manager.log").start()

    def scrape() -> list[Sample]:
        return parse_scrape(get(f"http://127.0.0.1:{port}/metrics"))

    yield scrape
    manager.stop()
    api_server.stop()
    working.stop()
    failing.stop()


class Throttling(BaseHTTPRequestHandler):
    """CloudFormation, when there are too many calls."""

    def do_POST(self):  # noqa: N802 - the name that http.server calls
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def of_broker(bin_dir, emulator, tmp_path_factory):
    """The metrics of a broker that has an instance and a template that cannot be used, is throttled by AWS and called by strangers."""
    folder = tmp_path_factory.mktemp("broker")
    templates = folder / "templates"
    templates.mkdir()
    (templates / "queue-main.yaml").write_text((Path(__file__).parents[1] / "data/templates/queue-main.yaml").read_text())
    (templates / "unreadable-main.yaml").write_text("{")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = OsbClient(url, USER, PASSWORD)
    flags = ["--address", "127.0.0.1", "--port", port, "--insecure", "--enable-basic-auth", "--data-dir", folder / "data"]

    def start(**environment: str) -> Process:
        env = {**emulator.environment(), "SECURITY_USER_NAME": USER, "SECURITY_USER_PASSWORD": PASSWORD, **environment}
        command = [bin_dir / "aws-servicebroker", *flags, "--template-folder", templates]
        broker = Process("aws-servicebroker", command, folder / "broker.log", env).start()
        wait_until("the broker being ready", lambda: broker.check() or get(f"{url}/readyz"), 20)
        return broker

    broker = start()
    (service,) = client.call("GET", "/v2/catalog").body["services"]
    instance, of = new_id(), (service["name"], service["plans"][0]["name"])
    accepted = client.provision(instance, *of)
    assert accepted.status == 202, accepted
    broker.stop()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Throttling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    broker = start(AWS_ENDPOINT_URL_CLOUDFORMATION=f"http://127.0.0.1:{server.server_port}")
    assert client.deprovision(instance, *of).status == 503
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(f"{url}/v2/catalog")
    yield lambda: parse_scrape(get(f"{url}/metrics"))
    broker.stop()
    server.shutdown()
    server.server_close()


def finds_what_it_asks_for(expression: str, samples: list[Sample]) -> bool:
    asked = selectors(expression)
    labels = grouping_labels(expression)
    return bool(asked) and all(any(labels <= found.labels.keys() for found in selector.select(samples)) for selector in asked)


@pytest.mark.parametrize("expression", expressions("catalog"))
def test_an_expression_of_the_catalogs_finds_what_it_asks_for(of_catalog, expression):
    wait_until(f"a series for {expression}", lambda: finds_what_it_asks_for(expression, of_catalog()), 20)


def test_the_broker_that_is_not_there_is_told_from_the_others(of_catalog):
    """Once its circuit is open it is called so seldom that the rate of its errors is below what alerts."""
    not_called = alerts("catalog")["ServiceCatalogBrokerNotCalled"]
    wait_until("the alert about the broker", lambda: beyond_threshold(not_called, of_catalog()) == {"absent"}, 20)
    assert beyond_threshold(alerts("catalog")["ServiceCatalogOffersNothing"], of_catalog()) == set()


@pytest.mark.parametrize("expression", expressions("aws-servicebroker"))
def test_an_expression_of_the_brokers_finds_what_it_asks_for(of_broker, expression):
    wait_until(f"a series for {expression}", lambda: finds_what_it_asks_for(expression, of_broker()), 20)


def test_what_no_program_tells_is_noticed():
    samples = parse_scrape('requests_total{status="2xx",broker="a"} 1\nclasses 3\nopen{broker="a"} 0\nopen{broker="b"} 1\n')
    assert finds_what_it_asks_for('sum by (broker) (rate(requests_total{status=~"2.."}[5m])) > 1', samples)
    assert finds_what_it_asks_for("max(classes) > 0", samples)
    for wrong in (
        'rate(requests_total{status="5xx"}[5m])', "sum by (service) (rate(requests_total[5m]))", "rate(request_total[5m])", "max(classes) / max(plans)",
    ):  # fmt: skip
        assert not finds_what_it_asks_for(wrong, samples), wrong
    assert beyond_threshold("max by (broker) (open) == 1", samples) == {"b"}
    assert beyond_threshold("max by (broker) (open) > 1", samples) == set()
