"""Clients that nobody here wrote."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

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
