"""The .deb packages, by CPack (deploy/packages)."""

import os
import shutil
import subprocess
import textwrap
from pathlib import Path

from .elf import System
from .project import MAINTAINER, MAINTAINER_EMAIL, REPOSITORY, URL, Program
from .stage import Build
from .version import Version


def shared_library_dependencies(program: Path, system: System) -> str:
    """The packages of the shared libraries, each in the oldest version that has every symbol that the program uses. It is what dpkg-shlibdeps finds
    (deb-symbols(5)), which reads the database of this machine's own architecture only."""
    minimum: dict[str, str] = {}
    used = system.undefined_symbols(program)
    for library in system.shared_libraries(program).values():
        package, _ = system.package_of(library)
        for symbol, version in system.symbols_of(package).items():
            if symbol in used and _is_newer(version, minimum.get(package, "0")):
                minimum[package] = version
    missing = sorted(symbol for symbol in used if not any(symbol in system.symbols_of(package) for package in minimum))
    if missing:
        raise SystemExit(f"{program} uses {', '.join(missing)}, which no package of its libraries has")
    return ", ".join(f"{package} (>= {version})" for package, version in sorted(minimum.items()))


def _is_newer(version: str, than: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", than], check=False).returncode == 0


def make(program: Program, root: Path, build: Build, version: Version, work: Path, to: Path) -> Path:
    """Writes the package of the files in `root`."""
    shutil.rmtree(work, ignore_errors=True)
    depends = ", ".join(filter(None, [shared_library_dependencies(build.program(program.name), build.system), program.depends]))
    file_name = f"{program.name}_{version.semver}_{build.system.architecture}"
    settings = {
        "PACKAGE_ROOT": root.resolve(),
        "PACKAGE_NAME": program.name,
        "PACKAGE_VERSION": version.deb,
        "PACKAGE_ARCHITECTURE": build.system.architecture,
        "PACKAGE_FILE_NAME": file_name,
        "PACKAGE_MAINTAINER": f"{MAINTAINER} <{MAINTAINER_EMAIL}>",
        "PACKAGE_SUMMARY": program.summary,
        "PACKAGE_DESCRIPTION": ";".join(textwrap.wrap(program.description, 78)),
        "PACKAGE_URL": URL,
        "PACKAGE_DEPENDS": depends,
        "PACKAGE_UNIT": program.unit,
    }
    _run(["cmake", "-S", REPOSITORY / "deploy/packages", "-B", work / "build", *(f"-D{name}={value}" for name, value in settings.items())], version)
    # CPack keeps the modes of files as they are; folders that it makes itself follow the umask.
    _run(["cpack", "--config", work / "build/CPackConfig.cmake", "-B", work / "out"], version)
    return Path(shutil.copy(work / f"out/{file_name}.deb", to))


def _run(command: list[object], version: Version) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(version.time)}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False, umask=0o022)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: {done.stdout}{done.stderr}")
