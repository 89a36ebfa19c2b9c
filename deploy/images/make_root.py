#!/usr/bin/env python3
"""make_root.py PROGRAM... --build BUILD --to FOLDER: the root file system of each program's image, in FOLDER/PROGRAM.

In it are the program, the shared libraries that it is linked with, the CA certificates, the few files of /etc that glibc reads, what all of
that is (SPDX), and the licenses. There is no shell and nothing else. The same inputs give the same bytes. Needs Python, readelf and Debian's
dpkg only; no program is run, so that the roots of another architecture are made in the same way.
"""

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))
from chandlery_release import sbom  # noqa: E402
from chandlery_release.elf import System  # noqa: E402

CA_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of this machine: they are the same for every architecture
LICENSES = [REPOSITORY / name for name in ("LICENSE", "NOTICE")]
USER = 65532
ETC = {
    "passwd": f"root:x:0:0:root:/:/sbin/nologin\nnonroot:x:{USER}:{USER}:nonroot:/data:/sbin/nologin\n",
    "group": f"root:x:0:\nnonroot:x:{USER}:\n",
    # Both are inside glibc itself since 2.34: no libnss_*.so is needed.
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def copy(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def make_root(program: Path, linked: Path, root: Path, system: System, version: str, time: int) -> None:
    shutil.rmtree(root, ignore_errors=True)
    copy(program, root / "usr/local/bin" / program.name, 0o755)
    packages = dict.fromkeys(system.linked_packages(program.name, linked), sbom.STATIC)
    for name, library in system.shared_libraries(program).items():
        # In one folder that the loader looks into by itself, but for the loader, whose path is in the program.
        copy(library, root / (name[1:] if name.startswith("/") else f"usr/lib/{name}"), 0o755)
        packages[system.package_of(library)] = sbom.DYNAMIC
    copy(CA_CERTIFICATES, root / str(CA_CERTIFICATES)[1:], 0o644)
    packages[System(Path("/"), system.architecture).package("ca-certificates")] = sbom.BESIDE
    # Where Debian's OpenSSL looks by default.
    (root / "usr/lib/ssl").mkdir(parents=True)
    (root / "usr/lib/ssl/cert.pem").symlink_to(CA_CERTIFICATES)
    for name, text in ETC.items():
        (root / "etc" / name).write_text(text)
    (root / "data").mkdir()
    for license in LICENSES:
        copy(license, root / "usr/share/doc" / program.name / license.name, 0o644)
    known: dict[bytes, str] = {}
    for package, _ in sorted(packages):
        of_package = root / "usr/share/doc" / package / "copyright.gz"
        of_package.parent.mkdir(exist_ok=True)
        license_text = system.copyright_of(package)
        if license_text in known:  # packages that are built together have the same
            of_package.symlink_to(f"../{known[license_text]}/copyright.gz")
        else:
            of_package.write_bytes(gzip.compress(license_text, mtime=0))
            known[license_text] = package
    document = root / f"usr/share/sbom/{program.name}.spdx.json"
    document.parent.mkdir(parents=True)
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    document.write_text(json.dumps(sbom.spdx(program.name, version, digest, time, system.architecture, packages), indent=2) + "\n")
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for path in (Path(folder) / file for file in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("--build", type=Path, required=True, help="folder of a Release build: its bin and linked are read")
    parser.add_argument("--bin", type=Path, help="folder of the programs, where it is not BUILD/bin")
    parser.add_argument("--architecture", help="of the programs (default: this machine's)")
    parser.add_argument("--sysroot", type=Path, default=Path("/"), help="the system that they were linked in (default: this machine)")
    parser.add_argument("--to", type=Path, required=True, help="folder that the roots are made in")
    arguments = parser.parse_args()
    architecture = arguments.architecture or subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    system = System(arguments.sysroot, architecture)
    version, _, time = subprocess.run([REPOSITORY / "scripts/version.sh"], capture_output=True, text=True, check=True).stdout.split()
    for name in arguments.programs:
        program = (arguments.bin or arguments.build / "bin") / name
        make_root(program, arguments.build / f"linked/{name}.d", arguments.to / name, system, version, int(time))


if __name__ == "__main__":
    main()
