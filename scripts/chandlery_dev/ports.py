"""Ports that stay the same from one start to the next, and who has them."""

import os
import random
import socket
import time
from pathlib import Path

from .processes import Failure

LASTING = range(20000, 30000)  # below those that Linux gives to outgoing connections: none of them ever takes one of ours
LISTENING = "0A"


def lasting_port() -> int:
    """A free port that nothing takes by chance while the set-up is stopped."""
    for port in random.sample(LASTING, 200):
        if _is_free(port):
            return port
    raise Failure(f"no port between {LASTING.start} and {LASTING.stop} is free")


def check_port(port: int, of: str, settings: Path, patience: float = 2.0) -> None:
    """Whoever listens there would be taken for what is started now."""
    deadline = time.monotonic() + patience
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise Failure(
                f"port {port} of {of} is taken by {holder_of(port)}: end that one, or remove {settings} to have other ports chosen"
                " (kubeconfigs that were written before name the old ones)"
            )
        time.sleep(0.1)


def holder_of(port: int) -> str:
    """ "python3 (process 4711)", as far as /proc tells."""
    sockets = {f"socket:[{inode}]" for inode in _listeners(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(entry) in sockets for entry in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue
    return "another process"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listeners(port: int) -> list[str]:
    """The inodes of their sockets (proc(5), /proc/net/tcp)."""
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.append(fields[9])
    return inodes
