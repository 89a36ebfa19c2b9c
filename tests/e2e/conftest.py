"""Clients that nobody here wrote, and a broker of each test's own."""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fake_broker import FakeBroker
from run import Run

GO_SVCAT = ("github.com/kubernetes-sigs/service-catalog", "v0.3.1")


@pytest.fixture(scope="session")
def go_svcat() -> Path:
    """The Go svcat, built once from the Go module proxy and kept outside the repository."""
    module, version = GO_SVCAT
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "chandlery" / f"go-svcat-{version}"
    program = cache / "svcat"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            if shutil.which("go") is None:
                pytest.fail("the Go svcat cannot be built: there is no go")
            source = cache / "source"
            source.mkdir(exist_ok=True)
            for command in (
                ["go", "mod", "init", "svcat"] if not (source / "go.mod").exists() else ["true"],
                ["go", "get", f"{module}/cmd/svcat@{version}"],
                ["go", "build", "-o", str(program), f"{module}/cmd/svcat"],
            ):
                subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=1200)
            shutil.rmtree(source)
    return program


@pytest.fixture
def broker():
    """Offers a class of its own; what it answers besides is the test's to say."""
    broker = FakeBroker(f"class-{uuid.uuid4().hex[:8]}")
    yield broker
    broker.stop()


@pytest.fixture
def kubectl(control_plane, broker, namespace):  # the namespace goes before the broker does
    return control_plane.in_namespace(namespace)


@pytest.fixture
def start(tmp_path):
    """Starts the program of `make run` and `make demo`; what still runs is ended."""
    runs = []

    def run(*command: object, **environment: str) -> Run:
        runs.append(Run([str(part) for part in command], tmp_path / f"{len(runs)}.log", **environment))
        return runs[-1]

    yield run
    for one in runs:
        one.stop()
