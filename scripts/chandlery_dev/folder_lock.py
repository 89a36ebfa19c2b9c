"""One set-up at a time in a folder, and room in it."""

import fcntl
import os
import shutil
import time
from pathlib import Path

from .processes import Failure

NEEDED_MEBIBYTES = 64
ANOTHER = "take another folder: make run DATA_DIR=…"


class FolderLock:
    """Says that a folder is in use. The kernel frees it when all processes that have it open have ended, however that happens: the programs that
    are started keep it open (Process.held), so that whoever gets it meets none of them."""

    def __init__(self, folder: Path, patience: float = 30.0):
        if folder.exists() and not folder.is_dir():
            raise Failure(f"{folder} is a file; give a folder (DATA_DIR)")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path = folder / "run.lock"
            self._file = open(self._path, "a+", encoding="ascii")
        except OSError as error:
            raise Failure(f"the folder {folder} cannot be used: {error.strerror}. Make it writable for you, or {ANOTHER}") from None
        self._take(folder, patience)
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def release(self) -> None:
        self._file.close()

    def _take(self, folder: Path, patience: float) -> None:
        deadline = time.monotonic() + patience
        waits = False
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                pass
            self._file.seek(0)
            holder = self._file.read().strip()
            if not holder or self._is_open_in(holder):
                raise Failure(f"{folder} is in use by another `make run` (process {holder or 'unknown'}): end that one with Ctrl-C, or {ANOTHER}")
            if time.monotonic() > deadline:
                left = ", ".join(self._holders()) or "unknown"
                raise Failure(f"{folder} is in use by what a killed `make run` has left (process {left}): end it with kill -9, or {ANOTHER}")
            if not waits:
                print("What a killed `make run` started in this folder is still ending; waiting for it", flush=True)
            waits = True
            time.sleep(0.1)

    def _is_open_in(self, pid: str) -> bool:
        try:
            return any(self._is_same(entry) for entry in Path(f"/proc/{pid}/fd").iterdir())
        except PermissionError:
            return True  # somebody else's
        except OSError:
            return False

    def _is_same(self, link: Path) -> bool:
        try:
            return os.path.samestat(link.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return False

    def _holders(self) -> list[str]:
        pids = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and int(entry.name) != os.getpid()]
        return [pid for pid in pids if self._is_open_in(pid) and os.access(f"/proc/{pid}/fd", os.R_OK)]


def check_space(folder: Path, other: str = ANOTHER) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < NEEDED_MEBIBYTES:
        raise Failure(f"only {free} MiB are free in {folder}, and {NEEDED_MEBIBYTES} are needed: free some, or {other}")


def is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < 2**20
