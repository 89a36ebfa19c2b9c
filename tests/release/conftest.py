"""A release, as `make release` has written it: CHANDLERY_DIST names its folder (build/dist)."""

import os
from pathlib import Path

import pytest
from chandlery_dev import tools
from chandlery_release.project import REPOSITORY
from chandlery_release.version import current
from debian_system import made
from release import Release


def pytest_configure(config):
    config.addinivalue_line("markers", "root: needs root, for a Debian system of its own")


def pytest_collection_modifyitems(items):
    for item in items:
        if "as_root" in item.fixturenames:
            item.add_marker(pytest.mark.root)


@pytest.fixture(scope="session")
def release() -> Release:
    dist = Path(os.environ.get("CHANDLERY_DIST", REPOSITORY / "build/dist"))
    if not (dist / "SHA256SUMS").exists():
        pytest.fail(f"there is no release in {dist}: make release")
    found = Release(dist)
    if found.version.semver != current().semver:
        pytest.fail(f"the release in {dist} is {found.version.semver}, and the sources are {current().semver}: make release")
    return found


@pytest.fixture(scope="session")
def helm() -> Path:
    return tools.find("helm")


@pytest.fixture(scope="session")
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("takes root: it makes a Debian system of its own")


@pytest.fixture(scope="session")
def debian(as_root) -> Path:
    """A minimal Debian bookworm, with systemd and without our packages. To be copied, not changed. It is kept in build/release-test."""
    return made("bookworm")
