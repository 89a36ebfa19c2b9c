"""The charts, under the release names that the walkthrough gives them."""

import subprocess
from pathlib import Path

import pytest
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
