"""The charts, under the release names that the walkthrough gives them, and a real API server to install them on."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import Server, started_server
from chandlery_dev.processes import REPOSITORY
from rendered_chart import Chart


@pytest.fixture(scope="session")
def helm() -> Path:
    done = subprocess.run([REPOSITORY / "scripts/cluster-tools.sh", "helm"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip())


@pytest.fixture
def catalog(helm) -> Chart:
    return Chart(helm, "catalog", "catalog", "catalog")


@pytest.fixture
def broker(helm) -> Chart:
    return Chart(helm, "aws-servicebroker", "aws-servicebroker", "aws-sb")


@pytest.fixture(scope="module")
def server(helm, tmp_path_factory) -> Iterator[Server]:
    """A real API server, the module's own."""
    with started_server(helm, tmp_path_factory.mktemp("cluster")) as server:
        yield server
