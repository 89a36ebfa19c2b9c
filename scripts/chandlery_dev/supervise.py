"""Runs a command and makes sure that nothing of it outlives whoever started this.

    python -m chandlery_dev.supervise COMMAND [ARGUMENT …]

The emulator starts a Python process for each Lambda function, and a demo may be ended by kill -9: this small parent adopts every descendant
(PR_SET_CHILD_SUBREAPER), is told when its own parent dies (PR_SET_PDEATHSIG), and then ends them all.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

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


def end(process: subprocess.Popen) -> None:
    """Asks the command to end, then ends what is left of its descendants."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    signal_all(descendants_of(os.getpid()), signal.SIGTERM)
    deadline = time.monotonic() + 1.0
    while descendants_of(os.getpid()) and time.monotonic() < deadline:
        reap()
        time.sleep(0.02)
    while left := descendants_of(os.getpid()):
        signal_all(left, signal.SIGKILL)
        reap()
        time.sleep(0.02)


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def main(command: list[str]) -> int:
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        return 1  # the parent died before it could be watched
    stopped = False

    def stop(_number, _frame):
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides
    process = subprocess.Popen(command, start_new_session=True)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        code = 0
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end(process)
    if code < 0 and not stopped:  # so that whoever looks at this one sees what ended the command
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
