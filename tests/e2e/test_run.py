"""`make run`'s program: one at a time on a folder, beside others on other folders, and not with a part of it dead."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from chandlery_dev.supervise import descendants_of

pytestmark = pytest.mark.local


class Run:
    def __init__(self, command: list[str], log: Path):
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts"), "PYTHONUNBUFFERED": "1"}
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chandlery_dev", *command], cwd=REPOSITORY, stdout=output, stderr=output, env=environment, start_new_session=True
            )

    def said(self) -> str:
        return self.log.read_text()

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "Ctrl-C ends it" in self.said()

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        return self.process.wait(60)

    def child(self, words: str) -> int:
        """The process whose command line has these words, and not its supervisor."""
        for pid in descendants_of(self.process.pid):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if words in line and "supervise" not in line:
                return pid
        raise AssertionError(f"no {words}")


@pytest.fixture
def start(tmp_path):
    runs = []

    def run(*command: str) -> Run:
        runs.append(Run([str(part) for part in command], tmp_path / f"{len(runs)}.log"))
        return runs[-1]

    yield run
    for one in runs:
        one.stop()


def identity(folder: Path) -> dict[str, str]:
    """What a second one must not touch: keys, tokens, certificates, kubeconfig, settings."""
    files = [*folder.glob("*.crt"), *folder.glob("*.key"), folder / "kubeconfig", folder / "settings.json", folder / "run.lock"]
    files += [file for file in (folder / "control-plane").iterdir() if "state.db" not in file.name and file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_second_one_on_the_same_folder_touches_nothing_of_the_first(start, tmp_path):
    folder = tmp_path / "data"
    first = start("run", "--data-dir", folder)
    wait_until("the first being up", first.is_up, 60)
    before = identity(folder)

    second = start("run", "--data-dir", folder)
    assert second.process.wait(30) == 1
    assert f"in use by another `make run` (process {first.process.pid})" in second.said()
    assert "export KUBECONFIG" not in second.said()
    assert identity(folder) == before

    kubectl = ["kubectl", "--kubeconfig", str(folder / "kubeconfig"), "get", "clusterservicebroker"]
    assert "Ready" in subprocess.run(kubectl, capture_output=True, text=True, timeout=30, check=True).stdout

    # Another folder, and the demo, are no trouble.
    other = start("run", "--data-dir", tmp_path / "other")
    wait_until("the other being up", other.is_up, 60)
    assert other.stop() == 0

    # However the first ends, nobody has to remove a lock by hand.
    children = descendants_of(first.process.pid)
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until("what it started having ended", lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 30)
    third = start("run", "--data-dir", folder)
    wait_until("the third being up", third.is_up, 60)


def test_it_ends_with_the_name_of_the_part_that_has_ended(start, tmp_path):
    run = start("run", "--data-dir", tmp_path / "data")
    wait_until("its being up", run.is_up, 60)
    os.kill(run.child("aws-servicebroker --address"), signal.SIGABRT)
    assert run.process.wait(60) == 1
    assert "aws-servicebroker has ended by signal SIGABRT" in run.said()
    assert "broker.log" in run.said()


def test_a_taken_port_or_a_file_in_the_way_is_told_at_once(start, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (folder / "settings.json").write_text(f'{{"broker_port": {port}}}')
        run = start("run", "--data-dir", folder)
        began = time.monotonic()
        assert run.process.wait(30) == 1
        assert time.monotonic() - began < 10
    assert f"port {port} of aws-servicebroker is taken" in run.said()
    assert "export" not in run.said()

    (tmp_path / "file").write_text("")
    run = start("run", "--data-dir", tmp_path / "file")
    assert run.process.wait(30) == 1
    assert "is a file" in run.said()
    assert "Traceback" not in run.said()
