"""What the guides have a reader type for a cluster, typed on one, in their order. Each test goes on where the one before it ended."""

import json
import os
import re
import urllib.request
from pathlib import Path

import documents
import pytest
from chandlery_dev.processes import REPOSITORY, Process, wait_until
from chandlery_dev.shell import Shell
from chandlery_dev.stack import BROKER_NAME, REGION
from chandlery_dev.walkthrough import NAMESPACE

PORT = 8080  # as the guide has it; the test has a network of its own


class Reader:
    """Fills in what the guides leave open, and types the rest as it stands."""

    def __init__(self, installed, helm: Path, folder: Path):
        self.stack = installed.stack
        self.folder = folder
        path = f"{helm.parent}:{os.environ['PATH']}"
        self._shell = Shell({**installed.shell.environment, "PATH": path}, show=False)
        access_key, secret_key = self.stack.prepare_account()
        self._filled = {
            "REGISTRY/": "localhost/chandlery/",
            "aws.region=…": f"aws.region={REGION} --set aws.endpointUrl={self.stack.emulator.url}",
            "aws.accesskeyid=…": f"aws.accesskeyid={access_key}",
            "aws.secretkey=…": f"aws.secretkey={secret_key}",
        }

    def types(self, commands: str, folder: Path = REPOSITORY) -> str:
        for left_open, filled in self._filled.items():
            commands = commands.replace(left_open, filled)
        assert "…" not in commands
        return self._shell.run("bash", "-euc", f"cd {folder}\n{commands}")

    def leaves_running(self, command: str) -> Process:
        return Process("a reader's command", command.split(), self.folder / "command.log", self._shell.environment).start()


@pytest.fixture(scope="module")
def reader(installed, helm, tmp_path_factory) -> Reader:
    return Reader(installed, helm, tmp_path_factory.mktemp("reader"))


def commands_of(page: str, first: str) -> str:
    """The one block of commands for a cluster that begins so."""
    found = [text for info, text in documents.blocks(REPOSITORY / page) if info == "sh cluster" and text.startswith(first)]
    assert len(found) == 1, f"{page} has {len(found)} blocks that begin with {first}"
    return found[0]


def test_the_catalog_is_installed_and_tested(reader):
    assert "Phase:          Succeeded" in reader.types(commands_of("docs/install.md", "helm install catalog"))


def test_the_broker_is_installed_and_tested(reader):
    assert "Phase:          Succeeded" in reader.types(commands_of("docs/install.md", "helm install aws-servicebroker"))
    reader.types(f"kubectl wait --for=condition=Ready clusterservicebroker/{BROKER_NAME} --timeout=60s")


def test_the_application_answers(reader):
    *commands, forward = re.sub(r"\\\n\s*", "", commands_of("docs/install.md", "kubectl apply")).splitlines()
    assert "port-forward" in forward
    reader.types(commands[0])
    reader.types(f"kubectl set env deployment/s3-demo -n {NAMESPACE} AWS_ENDPOINT_URL={reader.stack.emulator.url}")
    reader.types("\n".join(commands[1:]))
    process = reader.leaves_running(forward)
    try:
        with wait_until("the application answering", lambda: process.check() or urllib.request.urlopen(f"http://127.0.0.1:{PORT}", timeout=60), 30) as answer:
            assert json.load(answer)["success"] is True
    finally:
        process.stop()


def test_a_backup_has_what_a_restore_needs(reader):
    reader.types(commands_of("docs/operations.md", "kubectl get"), reader.folder)
    saved = {file.name: file.read_text() for file in reader.folder.glob("*.yaml")}
    assert saved.keys() == {"catalog.yaml", "cluster-info.yaml", "encryption-key.yaml"}
    for kind in ("ClusterServiceBroker", "ServiceInstance", "ServiceBinding"):
        assert f"kind: {kind}\n" in saved["catalog.yaml"]


def test_the_charts_are_upgraded_and_rolled_back(reader):
    reader.types(commands_of("docs/operations.md", "helm upgrade"))
    reader.types(f"kubectl wait --for=condition=Ready servicebinding/s3-binding -n {NAMESPACE} --timeout=60s")
