"""Runs a command and makes sure that nothing of it outlives whoever started this.

    python -m chandlery_dev.supervise PARENT FILES COMMAND [ARGUMENT …]

The emulator starts a Python process for each Lambda function, and a demo may be ended by kill -9: this small parent adopts every descendant
(PR_SET_CHILD_SUBREAPER), is told when its own parent (process PARENT) dies (PR_SET_PDEATHSIG), and then ends them all. Where it is killed itself,
the command dies with it. FILES: numbers of open files, with commas, that the command keeps open.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 5.0


def children_of(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def descendants_of(pid: int) -> list[int]:
    found: list[int] = []
    for child in children_of(pid):
        found += [child, *descendants_of(child)]
    return found


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end_descendants(but: int = 0) -> None:
    """Asks the children to end, who may need theirs for it, then all that is left, and then kills it."""

    def left(of_each: Callable[[int], list[int]]) -> list[int]:
        return [pid for pid in of_each(os.getpid()) if pid != but]

    asked = left(children_of)
    signal_all(asked, signal.SIGTERM)
    wait_while(lambda: set(asked) & set(left(children_of)), GRACE_SECONDS)
    signal_all(left(descendants_of), signal.SIGTERM)
    wait_while(lambda: left(descendants_of), 1.0)
    while some := left(descendants_of):
        signal_all(some, signal.SIGKILL)
        reap()
        time.sleep(0.02)


def wait_while(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while condition() and time.monotonic() < deadline:
        reap()
        time.sleep(0.02)


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def die_with_parent(parent: int, number: int) -> bool:
    """Has the kernel send this process a signal when its parent ends; false where it has ended already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    return os.getppid() == parent


def main(parent: str, files: str, *command: str) -> int:
    stopped = False

    def stop(_number, _frame):
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    held = [int(number) for number in files.split(",") if number]
    me = os.getpid()

    def prepare_command() -> None:
        if not die_with_parent(me, signal.SIGKILL):
            os._exit(1)

    code = 0
    try:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if not die_with_parent(int(parent), signal.SIGTERM):
            return 1
        process = subprocess.Popen(command, start_new_session=True, pass_fds=held, preexec_fn=prepare_command)  # noqa: PLW1509 - no threads
        code = process.wait()
    except KeyboardInterrupt:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_descendants()
    if code < 0 and not stopped:  # so that whoever looks at this one sees what ended the command
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
