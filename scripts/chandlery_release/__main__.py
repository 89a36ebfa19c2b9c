"""python -m chandlery_release [DIST]: writes a release to DIST (build/dist). `make release` calls it; docs/releasing.md says what is in it.

Nothing is published, and nothing outside build/ and ~/.cache/chandlery changes. The same commit, compiler and Debian packages give the same bytes.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chandlery_dev import tools

from . import charts, images, krew, packages, stage
from .archive import tar_gz
from .elf import System
from .project import ARCHITECTURES, PROGRAMS, REPOSITORY
from .version import Version, current

WORK = REPOSITORY / "build/release-work"
# Of the images: both architectures are to have the same.
SHARED = ("libc6", "libgcc-s1", "libssl3", "libstdc++6", "zlib1g")


@contextmanager
def step(what: str) -> Iterator[None]:
    print(what, flush=True)
    started = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - started:.1f} s", flush=True)


def output(*command: str) -> str:
    return subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def check_tree() -> None:
    changed = output("git", "status", "--porcelain") if (REPOSITORY / ".git").exists() else ""
    if changed and not os.environ.get("ALLOW_CHANGES"):
        raise SystemExit(
            f"These changes are not in the commit whose version the release would have:\n{changed}\n"
            "Commit them, or set ALLOW_CHANGES=1 to try a release out."
        )


def check_same_packages(builds: list[stage.Build]) -> None:
    for name in SHARED:
        versions = {build.system.architecture: build.system.package(name)[1] for build in builds}
        if len(set(versions.values())) > 1:
            found = ", ".join(f"{version} for {architecture}" for architecture, version in versions.items())
            print(f"WARNING: {name} is {found}. The images get different versions: run apt-get upgrade, then make release again.", file=sys.stderr)


def build_all() -> list[stage.Build]:
    built = []
    for architecture in ARCHITECTURES:
        folder, root = output("scripts/build-for.sh", architecture).splitlines()
        built.append(stage.Build(REPOSITORY / folder, System(Path(root), architecture)))
    return built


def check_is_ours(dist: Path) -> None:
    """Whatever is in the folder is deleted: it must be an earlier release."""
    if dist.exists() and (not dist.is_dir() or (any(dist.iterdir()) and not (dist / "SHA256SUMS").is_file())):
        raise SystemExit(f"{dist} has files that are no release (there is no SHA256SUMS): name an empty or a new folder")


def clear(dist: Path) -> None:
    check_is_ours(dist)
    try:
        if dist.exists():
            shutil.rmtree(dist)
        dist.mkdir(parents=True)
    except OSError as error:
        raise SystemExit(f"The earlier release in {dist} cannot be removed ({error}): remove it, as root if root has made it, and start again") from None


def make(version: Version, builds: list[stage.Build], dist: Path) -> None:
    clear(dist)
    (native,) = [build for build in builds if build.system.root == Path("/")]
    made = stage.documents(native, PROGRAMS, version)
    with step("Archives and .deb packages"):
        for build in builds:
            architecture = build.system.architecture
            for program in PROGRAMS:
                root = WORK / architecture / program.name
                stage.archive_root(root / "archive", program, build, made, version)
                name = krew.archive_name(program.name, version, architecture)
                tar_gz(dist / name, root / "archive", name.removesuffix(".tar.gz"), version.time)
                stage.package_root(root / "package", program, build, made, version)
                packages.make(program, root / "package", build, version, root / "work", dist)
    with step("Images"):
        digests = images.make(builds, version, WORK / "images", dist)
        (dist / "images.txt").write_text("".join(f"{program}:{version.semver}@{digest}\n" for program, digest in sorted(digests.items())))
    with step("Charts"):
        for chart in charts.CHARTS:
            charts.make(chart, version, digests, tools.find("helm"), WORK / "charts", dist)
    (dist / "svcat-krew.yaml").write_text(krew.manifest(version, dist))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(dist.iterdir())]
    (dist / "SHA256SUMS").write_text("".join(sums))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dist", nargs="?", type=Path, default=REPOSITORY / "build/dist")
    dist = parser.parse_args().dist.resolve()
    check_is_ours(dist)
    check_tree()
    version = current()
    print(f"Chandlery {version.semver}, commit {version.commit} of {version.date}", flush=True)
    builds = build_all()
    check_same_packages(builds)
    make(version, builds, dist)
    for path in sorted(dist.iterdir()):
        print(f"{path.stat().st_size / 1e6:8.2f} MB  {path.name}")
    print(f"The release is in {dist}. docs/releasing.md says how to publish it.")


if __name__ == "__main__":
    main()
