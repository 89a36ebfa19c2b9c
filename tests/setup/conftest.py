"""A machine of the test's own: a PATH with the usual programs, and whatever the test puts in their place."""

import shutil
import subprocess
from pathlib import Path

import pytest
from chandlery_dev.processes import REPOSITORY

USUAL = (
    "bash", "cat", "chmod", "comm", "cut", "date", "dirname", "env", "find", "flock", "grep", "head", "id", "mkdir", "mktemp", "mv",
    "rm", "sed", "sha256sum", "sleep", "sort", "tail", "tee", "touch", "tr", "uname", "awk", "ln", "python3", "df",
)


class Machine:
    def __init__(self, folder: Path):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in USUAL:
            found = shutil.which(name)
            assert found, f"this machine has no {name}"
            (self.bin / name).symlink_to(found)
        self.environment = {"PATH": str(self.bin), "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "TMPDIR": str(folder)}
        self.debian()

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
        path.chmod(0o755)

    def debian(self, release: str = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n') -> None:
        (self.folder / "os-release").write_text(release)
        self.environment["OS_RELEASE"] = str(self.folder / "os-release")

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """A script of scripts/ with its arguments."""
        script = REPOSITORY / "scripts" / command[0]
        return subprocess.run(
            [script, *command[1:]], env=self.environment, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
            cwd=self.folder,
        )  # fmt: skip

    def log(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)
