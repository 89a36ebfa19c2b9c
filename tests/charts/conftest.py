"""The charts, under the release names that the walkthrough gives them, and a real API server to install them on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import Server, started_server
from chandlery_dev import tools
from rendered_chart import Chart


@pytest.fixture(scope="session")
def helm() -> Path:
    return tools.find("helm")


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


def pytest_collection_modifyitems(items):
    for item in items:
        if "server" in getattr(item, "fixturenames", ()) and "charts" in item.path.parts:
            item.add_marker(pytest.mark.cluster)
