#!/usr/bin/env python3
"""ticking.py COMMAND…: runs it and shows its output. While it shows nothing, a line every TICK_SECONDS (8) says that it goes on, and for how long.

It ends when the command does, with its status, whatever the command has left running. Inside another ticking.py it only runs the command.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def end_with_this() -> None:
    """In the command: it is asked to end when this is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    command = sys.argv[1:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if os.environ.get("CHANDLERY_TICKING"):
        os.execvp(command[0], command)
    pause = float(os.environ.get("TICK_SECONDS", "8"))
    environment = os.environ | {"CHANDLERY_TICKING": "1"}
    if sys.stdout.isatty():
        environment |= {"PY_COLORS": "1", "GTEST_COLOR": "1"}
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, preexec_fn=end_with_this) as process:  # noqa: PLW1509 - there are no threads
        # Ctrl-C reaches the command too, and the command decides when it ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
        assert process.stdout is not None
        output = process.stdout.fileno()
        last = started
        at_line_start = True
        while True:
            over = process.poll() is not None
            if select.select([output], [], [], 0 if over else min(0.5, pause))[0]:
                data = os.read(output, 65536)
                if not data:
                    break
                sys.stdout.buffer.write(data)
                sys.stdout.flush()
                at_line_start = data.endswith(b"\n")
                last = time.monotonic()
            elif over:
                break
            elif time.monotonic() - last >= pause:
                last = time.monotonic()
                print(f"{'' if at_line_start else chr(10)}  … {last - started:.0f} s", flush=True)
                at_line_start = True
        process.stdout.close()
        return process.wait()


if __name__ == "__main__":
    status = main()
    sys.exit(status if status >= 0 else 128 - status)
