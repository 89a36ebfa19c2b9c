"""The program of `make run` and `make demo`, as a process that a test may end in any way."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from chandlery_dev.processes import REPOSITORY
from chandlery_dev.supervise import descendants_of


class Run:
    def __init__(self, command: list[str], log: Path, **environment: str):
        everything = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts"), "PYTHONUNBUFFERED": "1", **environment}
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chandlery_dev", *command], cwd=REPOSITORY, stdout=output, stderr=output, env=everything, start_new_session=True
            )

    def said(self) -> str:
        return self.log.read_text()

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "Ctrl-C ends it" in self.said()

    def exports(self) -> dict[str, str]:
        return dict(re.findall(r"^ *export (\w+)=(.*)$", self.said(), re.M))

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
