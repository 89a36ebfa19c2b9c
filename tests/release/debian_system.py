"""Debian systems in folders, started with their own systemd as containers that reach nothing."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from chandlery_dev.processes import REPOSITORY, wait_until

FOLDER = REPOSITORY / "build/release-test"
# What a small server has, and what our packages depend on (ca-certificates brings OpenSSL); the tests' containers have no network to fetch it from.
PACKAGES = "systemd,systemd-sysv,dbus,adduser,ca-certificates,libstdc++6,man-db,bash-completion"


def made(suite: str) -> Path:
    """A pristine system, which is made once. Needs root."""
    root = FOLDER / suite
    if not (root / "etc/debian_version").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        new = FOLDER / f"{suite}.new"
        shutil.rmtree(new, ignore_errors=True)
        script = '. scripts/debian.sh && debian_system "$@"'
        done = subprocess.run(["bash", "-euc", script, "-", new, PACKAGES, suite], cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        new.rename(root)
    return root


def copy_of(root: Path, to: Path) -> Path:
    subprocess.run(["cp", "--archive", "--reflink=auto", root, to], check=True)
    return to


class Container:
    """A system that runs with its own systemd, in namespaces of its own: no network but its loopback."""

    def __init__(self, root: Path, log: Path):
        self.root = root
        self._log = log
        self._nspawn: subprocess.Popen | None = None
        self._leader = 0
        self._children: list[subprocess.Popen] = []

    def __enter__(self) -> "Container":
        # In a mount namespace of its own, so that whatever is mounted goes with it.
        nspawn = ["systemd-nspawn", "--directory", self.root, "--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--quiet"]
        # As on a machine; nspawn itself knows nothing of Landlock.
        nspawn.append("--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self")
        command = ["unshare", "--mount", "--propagation", "private", *map(str, nspawn)]
        self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=open(self._log, "ab"), stderr=subprocess.STDOUT)
        try:
            self._leader = wait_until("systemd starting in the container", self._find_leader, 60)
            wait_until("the container having started", lambda: self.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"), 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        assert self._nspawn is not None
        self._nspawn.send_signal(signal.SIGTERM)  # asks the system to end
        try:
            self._nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait(10)
        for child in self._children:
            child.wait(10)

    def _find_leader(self) -> int:
        """The process that is number 1 inside."""
        assert self._nspawn is not None and self._nspawn.poll() is None, self._log.read_text()[-2000:]
        waiting = [self._nspawn.pid]
        while waiting:
            pid = waiting.pop()
            status = Path(f"/proc/{pid}/status").read_text()
            (numbers,) = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
            if len(numbers) > 1 and numbers[-1] == "1" and Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return 0

    def run(self, *command: object, check: bool = True, environment: dict[str, str] | None = None) -> str:
        """As root, inside."""
        inside = ["nsenter", "--target", self._leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **(environment or {})}
        done = subprocess.run([str(part) for part in [*inside, *command]], env=variables, capture_output=True, text=True, timeout=120, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def python(self, program: Path, *arguments: object) -> None:
        """This machine's Python, in the container's network; it ends with the container."""
        command = ["nsenter", "--target", self._leader, "--net", "setpriv", "--pdeathsig", "KILL", sys.executable, program, *arguments]
        self._children.append(subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL))

    def end_python(self) -> None:
        for child in self._children:
            child.terminate()
            child.wait(10)
        self._children.clear()

    def get(self, url: str) -> str:
        """What a client inside gets; "" where nothing listens."""
        command = ["nsenter", "--target", str(self._leader), "--net", "curl", "--silent", "--insecure", "--max-time", "5", url]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout
