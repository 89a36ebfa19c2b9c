"""Runs commands as a person at a terminal would, showing each with its output."""

import shlex
import shutil
import subprocess
import sys
import time

from .processes import Failure


class Shell:
    def __init__(self, environment: dict[str, str], show: bool = True):
        self.environment = environment
        self.show = show
        self._has_aws: bool | None = None

    def say(self, text: str = "") -> None:
        if self.show:
            print(text, flush=True)

    def title(self, text: str) -> None:
        self.say(f"\n\033[1m## {text}\033[0m" if sys.stdout.isatty() else f"\n## {text}")

    def run(self, *command: str, stdin: str | None = None, quiet: bool = False, cut: int = 40) -> str:
        """The command's output; it must succeed. `cut`: lines shown at the most."""
        shown = shlex.join(command)
        if not quiet:
            self.say(f"$ {shown}")
        done = subprocess.run(
            list(command), input=stdin, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        if not quiet or done.returncode != 0:
            lines = done.stdout.rstrip().splitlines()
            self.say("\n".join(lines[:cut]) + (f"\n… ({len(lines) - cut} more lines)" if len(lines) > cut else ""))
        if done.returncode != 0:
            raise Failure(f"`{shown}` ended with status {done.returncode}:\n{done.stdout}")
        return done.stdout

    def aws_command(self) -> list[str]:
        """The AWS CLI, or what stands in for it."""
        if self._has_aws is None:
            found = subprocess.run(["aws", "--version"], capture_output=True, check=False) if shutil.which("aws") else None
            self._has_aws = found is not None and found.returncode == 0
        return ["aws", "--output", "json"] if self._has_aws else [sys.executable, "-m", "chandlery_dev.aws"]


def expect(what: str, actual, expected) -> None:
    if actual != expected:
        raise Failure(f"{what} is not as the walkthrough says\n  expected: {expected!r}\n  actual:   {actual!r}")


def expect_true(what: str, condition) -> None:
    if not condition:
        raise Failure(f"{what}: this is not true")


class Stopwatch:
    def __init__(self):
        self.started = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self.started
