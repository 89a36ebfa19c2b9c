"""Processes that end with their owner, and conditions that are waited for."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

REPOSITORY = Path(__file__).resolve().parents[2]


class Failure(Exception):
    """Something is not as it must be; the text says what and where to look."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bin_dir() -> Path:
    folder = Path(os.environ.get("CHANDLERY_BIN_DIR", REPOSITORY / "build/release/bin"))
    if not (folder / "aws-servicebroker").exists():
        raise Failure(f"there are no programs in {folder}: make build")
    return folder


def answers_ok(url: str, ca: Path | None = None) -> bool:
    context = ssl.create_default_context(cafile=str(ca)) if ca else None
    with urllib.request.urlopen(url, timeout=2, context=context) as answer:
        return answer.status == 200


def wait_until(what: str, condition: Callable[[], object], seconds: float = 30.0, interval: float = 0.05):
    """Returns the condition's first true value; its exceptions but Failure count as false until the time is over."""
    deadline = time.monotonic() + seconds
    last_error: Exception | None = None
    while True:
        try:
            if value := condition():
                return value
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported below
            last_error = error
        if time.monotonic() > deadline:
            raise Failure(f"{what} did not happen within {seconds:g} s" + (f": {last_error}" if last_error else ""))
        time.sleep(interval)


class Process:
    """A supervised process (supervise.py) with its output in a file."""

    held: ClassVar[list[int]] = []  # open files that every process keeps open as long as it lives (FolderLock)

    def __init__(self, name: str, command: Sequence[object], log: Path, env: dict[str, str] | None = None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = {**os.environ, **(env or {})}
        self._supervisor: subprocess.Popen | None = None

    def start(self) -> "Process":
        held = [str(number) for number in Process.held]
        supervise = [sys.executable, "-m", "chandlery_dev.supervise", str(os.getpid()), ",".join(held), *self.command]
        env = {**self.env, "PYTHONPATH": str(REPOSITORY / "scripts")}
        with open(self.log, "ab") as output:
            # In a session of its own: what a terminal sends to all processes is for the one that asks the others to end.
            self._supervisor = subprocess.Popen(
                supervise, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=env, start_new_session=True, pass_fds=Process.held
            )
        return self

    @property
    def pid(self) -> int:
        """Of the command itself."""
        supervisor = self._running().pid
        children = wait_until(f"{self.name} starting", lambda: _children_of(supervisor), 10)
        return children[0]

    def kill(self) -> None:
        """kill -9 of the command; the supervisor ends with it."""
        os.kill(self.pid, signal.SIGKILL)
        self._running().wait(15)
        self._supervisor = None

    def hang_up(self) -> None:
        """What asks a server to read its files again."""
        os.kill(self.pid, signal.SIGHUP)

    def stop(self) -> None:
        if self._supervisor is None:
            return
        self._supervisor.terminate()
        try:
            self._supervisor.wait(20)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait(5)
        self._supervisor = None

    def is_running(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is None

    def check(self) -> None:
        if not self.is_running():
            raise Failure(f"{self.name} has ended {self.how_it_ended()}; the end of {self.log}:\n{self.output()[-2000:]}")

    def was_started(self) -> bool:
        return self._supervisor is not None

    def was_killed(self) -> bool:
        return self._supervisor is not None and (self._supervisor.poll() or 0) < 0

    def how_it_ended(self) -> str:
        code = self._supervisor.returncode if self._supervisor is not None else None
        if code is None:
            return "without having been started"
        return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with status {code}"

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _running(self) -> subprocess.Popen:
        if self._supervisor is None:
            raise Failure(f"{self.name} is not running")
        return self._supervisor


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
