"""The files of one program for one architecture, which its archive and its .deb package are made of."""

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import manual, sbom
from .archive import compressed
from .elf import System
from .project import REPOSITORY, URL, Program
from .version import Version

SHELLS = ("bash", "zsh", "fish")
SERVICES = REPOSITORY / "deploy/packages/services"


@dataclass(frozen=True)
class Build:
    """The programs of an architecture, and the system that they were linked in."""

    folder: Path
    system: System

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name


@dataclass(frozen=True)
class Documents:
    """What is the same for every architecture: made by the programs of this machine's."""

    manual: dict[str, str]
    completions: dict[tuple[str, str], str]  # by program and shell


def documents(native: Build, programs: tuple[Program, ...], version: Version) -> Documents:
    def completion(program: str, shell: str) -> str:
        return subprocess.run([native.program(program), "completion", shell], capture_output=True, text=True, check=True).stdout

    return Documents(
        {program.name: manual.page(program, native.program(program.name), version) for program in programs},
        {(program.name, shell): completion(program.name, shell) for program in programs for shell in SHELLS},
    )


def bill_of_materials(program: Program, build: Build, version: Version) -> str:
    binary = build.program(program.name)
    packages = dict.fromkeys(build.system.linked_packages(program.name, build.folder / f"linked/{program.name}.d"), sbom.STATIC)
    for library in build.system.shared_libraries(binary).values():
        packages[build.system.package_of(library)] = sbom.DYNAMIC
    digest = hashlib.sha256(binary.read_bytes()).hexdigest()
    document = sbom.spdx(program.name, version.semver, digest, version.time, build.system.architecture, packages)
    return json.dumps(document, indent=2) + "\n"


def licenses(program: Program, build: Build) -> str:
    """Of the libraries that are part of the program. Packages that are built together have the same text."""
    packages: dict[str, list[str]] = {}
    for name, version in build.system.linked_packages(program.name, build.folder / f"linked/{program.name}.d"):
        packages.setdefault(build.system.copyright_of(name).decode(), []).append(f"{name} {version}")
    text = f"{program.name} has parts of the following packages of Debian, whose licenses are below.\n"
    for of_packages, names in packages.items():
        text += f"\n{'=' * 100}\n{', '.join(names)}\n{'=' * 100}\n\n{of_packages}"
    return text


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)


def archive_root(root: Path, program: Program, build: Build, made: Documents, version: Version) -> None:
    """What the archive of a program has: the program on top, so that it is found."""
    shutil.rmtree(root, ignore_errors=True)
    name = program.name
    write(root / name, build.program(name).read_bytes(), 0o755)
    for license in ("LICENSE", "NOTICE"):
        write(root / license, (REPOSITORY / license).read_bytes())
    write(root / "THIRD-PARTY-LICENSES", licenses(program, build))
    write(root / f"{name}.spdx.json", bill_of_materials(program, build, version))
    write(root / f"man/{name}.{program.section}", made.manual[name])
    write(root / f"completions/{name}.bash", made.completions[name, "bash"])
    write(root / f"completions/_{name}", made.completions[name, "zsh"])
    write(root / f"completions/{name}.fish", made.completions[name, "fish"])


def package_root(root: Path, program: Program, build: Build, made: Documents, version: Version) -> None:
    """What the .deb package of a program installs."""
    shutil.rmtree(root, ignore_errors=True)
    name = program.name
    write(root / f"usr/bin/{name}", build.program(name).read_bytes(), 0o755)
    if name == "svcat":
        (root / "usr/bin/kubectl-svcat").symlink_to("svcat")
    manual_page = root / f"usr/share/man/man{program.section}/{name}.{program.section}.gz"
    write(manual_page, compressed(made.manual[name].encode()))
    if name == "svcat":
        manual_page.with_name("kubectl-svcat.1.gz").symlink_to(manual_page.name)
    write(root / f"usr/share/bash-completion/completions/{name}", made.completions[name, "bash"])
    write(root / f"usr/share/zsh/vendor-completions/_{name}", made.completions[name, "zsh"])
    write(root / f"usr/share/fish/vendor_completions.d/{name}.fish", made.completions[name, "fish"])
    documents = root / f"usr/share/doc/{name}"
    write(documents / "copyright", copyright_file(version))
    write(documents / "NOTICE", (REPOSITORY / "NOTICE").read_bytes())
    write(documents / "CHANGELOG.md.gz", compressed((REPOSITORY / "CHANGELOG.md").read_bytes()))
    write(documents / "THIRD-PARTY-LICENSES.gz", compressed(licenses(program, build).encode()))
    write(documents / f"{name}.spdx.json", bill_of_materials(program, build, version))
    if program.unit:
        unit = f"{program.unit}.service"
        write(root / "usr/lib/systemd/system" / unit, (SERVICES / unit).read_text().replace("@URL@", URL))
        # Its values may be secrets: only root, who starts the service, reads it.
        write(root / "etc/default" / program.unit, (SERVICES / f"{program.unit}.default").read_text(), 0o640)
    for folder in (path for path in root.rglob("*") if path.is_dir()):
        folder.chmod(0o755)


def copyright_file(version: Version) -> str:
    """In the machine-readable form of Debian (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/)."""
    return f"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Chandlery
Source: {URL}

Files: *
Copyright: {version.date[:4]} The Chandlery Authors
License: Apache-2.0
 On Debian systems, the text of the license is in /usr/share/common-licenses/Apache-2.0.
Comment:
 THIRD-PARTY-LICENSES.gz beside this file has the licenses of the libraries that are part of the program.
"""
