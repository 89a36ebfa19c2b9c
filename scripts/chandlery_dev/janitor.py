"""Removes a folder when everything that uses it has ended, also by kill -9.

    python -m chandlery_dev.janitor FOLDER

They all keep the folder's lock open (folder_lock.py).
"""

import fcntl
import shutil
import signal
import sys
from pathlib import Path


def main(folder: Path) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    with open(folder / "run.lock", "rb") as lock:
        print("ready", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
