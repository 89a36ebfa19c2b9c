"""How a set-up is ended, and what is said of an end that nobody wanted: one line."""

import errno
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from .supervise import die_with_parent

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Interrupted(BaseException):
    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.number = number


def watch_for_signals() -> None:
    """The first one raises Interrupted; from then on they are left out, so that the end that it begins is whole."""
    is_ending = False
    on_a_terminal = [stream for stream in (sys.stdout, sys.stderr) if stream.isatty()]  # one that has hung up is none any more

    def interrupted(number, _frame):
        nonlocal is_ending
        if number == signal.SIGHUP:
            forget_output(on_a_terminal)
        if not is_ending:
            is_ending = True
            raise Interrupted(number)
        say("Still stopping; this takes a few seconds")

    for number in SIGNALS:  # a shell starts what runs in the background with SIGINT ignored
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # nohup
        signal.signal(number, interrupted)
    parent = os.getppid()
    if _command_of(parent) == "make" and not die_with_parent(parent, signal.SIGTERM):
        raise Interrupted(signal.SIGTERM)


def forget_output(streams: Iterable[TextIO] | None = None) -> None:
    """What is written to a terminal or a pipe that is gone fails, also at the end of the program. Without `streams`: standard output and errors."""
    with open(os.devnull, "w", encoding="ascii") as nothing:
        for stream in (sys.stdout, sys.stderr) if streams is None else streams:
            os.dup2(nothing.fileno(), stream.fileno())


def say(text: str, file=None) -> None:
    """Also where nobody can read it any more."""
    try:
        print(text, file=file or sys.stdout, flush=True)
    except (OSError, RuntimeError):  # the latter from a signal in the middle of another line
        pass


def describe(error: Exception, folder: Path | None) -> str:
    """One line for an exception that nobody expected here; where it does not say enough, the rest is in a file."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space is left in {error.filename or folder or tempfile.gettempdir()}: free some, or take another folder (DATA_DIR, or TMPDIR for the demo)"
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and error.filename:
        return f"{error.filename} cannot be written ({error.strerror}): make it writable for you, or take another folder (DATA_DIR, or TMPDIR for the demo)"
    first = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {first}. {_keep_details(error, folder)}"


def _keep_details(error: Exception, folder: Path | None) -> str:
    text = "".join(traceback.format_exception(error))
    for place in (folder, Path(tempfile.gettempdir())):
        if place is None or not place.is_dir():
            continue
        file = place / f"chandlery-error-{os.getpid()}.log"
        try:
            file.write_text(text)
        except OSError:
            continue
        return f"The details are in {file}; please report them"
    return "The details could not be written to a file:\n" + text


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
