"""The files of a release, and how its programs are run on this machine."""

import functools
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from chandlery_release.elf import System
from chandlery_release.krew import archive_name
from chandlery_release.project import ARCHITECTURES, PROGRAMS, REPOSITORY
from chandlery_release.version import Version

NAMES = [program.name for program in PROGRAMS]
EVERY_PROGRAM = [(architecture, name) for architecture in ARCHITECTURES for name in NAMES]
QEMU = {"arm64": "qemu-aarch64-static", "amd64": "qemu-x86_64-static"}


@functools.cache
def native() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


@functools.cache
def system(architecture: str) -> System:
    """This machine, or what the programs of the other architecture were linked in."""
    if architecture == native():
        return System(Path("/"), architecture)
    made = subprocess.run([REPOSITORY / "scripts/sysroot.sh", architecture], env={**os.environ, "OFFLINE": "1"}, capture_output=True, text=True, check=True)
    return System(Path(made.stdout.strip()), architecture)


def command(architecture: str, program: Path, *arguments: object) -> list[str]:
    """How the program is started here: by itself, or by qemu with the other architecture's libraries."""
    by = [] if architecture == native() else [QEMU[architecture], "-L", str(system(architecture).root)]
    return [*by, str(program), *map(str, arguments)]


def output(architecture: str, program: Path, *arguments: object) -> str:
    done = subprocess.run(command(architecture, program, *arguments), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Release:
    dist: Path

    @functools.cached_property
    def version(self) -> Version:
        """From a file's name; the commit and its time from the source."""
        (archive,) = self.dist.glob("svcat-*-linux-amd64.tar.gz")
        semver = archive.name.removeprefix("svcat-").removesuffix("-linux-amd64.tar.gz")
        said = subprocess.run([REPOSITORY / "scripts/version.sh"], capture_output=True, text=True, check=True).stdout.split()
        return Version(semver, said[1], int(said[2]))

    def archive(self, program: str, architecture: str) -> Path:
        return self.dist / archive_name(program, self.version, architecture)

    def package(self, program: str, architecture: str) -> Path:
        return self.dist / f"{program}_{self.version.semver}_{architecture}.deb"

    def image(self, program: str) -> Path:
        return self.dist / f"{program}-{self.version.semver}-oci.tar"

    def chart(self, name: str) -> Path:
        return self.dist / f"{name}-{self.version.semver}.tgz"

    def unpack(self, program: str, architecture: str, to: Path) -> Path:
        """The program, from its archive."""
        with tarfile.open(self.archive(program, architecture)) as archive:
            archive.extraction_filter = lambda member, _: member
            archive.extractall(to)
        return to / self.archive(program, architecture).name.removesuffix(".tar.gz") / program

    def digests(self) -> dict[str, str]:
        lines = (self.dist / "images.txt").read_text().splitlines()
        return {line.split(":")[0]: line.split("@")[1] for line in lines}


@dataclass
class OciArchive:
    """An image index in a file."""

    path: Path

    def __post_init__(self):
        with tarfile.open(self.path) as archive:
            self.files = {member.name: archive.extractfile(member).read() for member in archive.getmembers() if member.isfile()}

    def blob(self, digest: str) -> bytes:
        return self.files[f"blobs/{digest.replace(':', '/')}"]

    def json(self, digest: str) -> dict:
        return json.loads(self.blob(digest))

    @property
    def index_digest(self) -> str:
        (top,) = json.loads(self.files["index.json"])["manifests"]
        return top["digest"]

    @property
    def index(self) -> dict:
        return self.json(self.index_digest)
