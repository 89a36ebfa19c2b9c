#!/usr/bin/env python3
"""make_root.py PROGRAM... --bin BIN --to FOLDER: the root file system of each program's image, in FOLDER/PROGRAM.

In it are the program, the shared libraries that it is linked with, the CA certificates, the few files of /etc that glibc reads, what all of
that is (SPDX), and the licenses. There is no shell and nothing else. The same inputs give the same bytes. Needs Python and Debian's dpkg only.
"""

import argparse
import functools
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

CA_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
LICENSES = [Path(__file__).resolve().parents[2] / name for name in ("LICENSE", "NOTICE")]
USER = 65532
ETC = {
    "passwd": f"root:x:0:0:root:/:/sbin/nologin\nnonroot:x:{USER}:{USER}:nonroot:/data:/sbin/nologin\n",
    "group": f"root:x:0:\nnonroot:x:{USER}:\n",
    # Both are inside glibc itself since 2.34: no libnss_*.so is needed.
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def shared_libraries(program: Path) -> list[Path]:
    """As the loader finds them, itself included; named by the path that the program looks for."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    missing = re.findall(r"(\S+) => not found", listed)
    if missing:
        raise SystemExit(f"{program} is linked with {', '.join(missing)}, which is not installed")
    return [Path(path) for path in re.findall(r"(?:^|=>)\s*(/\S+)", listed, re.M)]


@functools.cache
def debian_package(file: Path) -> tuple[str, str]:
    """Name and version of the package that has a file. /lib is a link to /usr/lib, and dpkg knows a file by one of both names."""
    resolved = str(file.resolve())
    for name in (str(file), resolved, resolved.removeprefix("/usr")):
        owner = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if owner.returncode == 0:
            package = owner.stdout.split(": ")[0].split(",")[0]
            version = subprocess.run(
                ["dpkg-query", "--show", "--showformat=${Version}", package], capture_output=True, text=True, check=True
            ).stdout
            return package.partition(":")[0], version
    raise SystemExit(f"no Debian package has {file}")


def copy(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def make_root(program: Path, root: Path, version: str, created: str) -> None:
    shutil.rmtree(root, ignore_errors=True)
    copy(program, root / "usr/local/bin" / program.name, 0o755)
    packages = set()
    for library in shared_libraries(program):
        # In one folder that the loader looks into by itself, but for the loader, whose path is in the program.
        place = root / (str(library)[1:] if library.name.startswith("ld-linux") else f"usr/lib/{library.name}")
        copy(library, place, 0o755)
        packages.add(debian_package(library))
    copy(CA_CERTIFICATES, root / str(CA_CERTIFICATES)[1:], 0o644)
    packages.add(debian_package(Path("/usr/sbin/update-ca-certificates")))
    # Where Debian's OpenSSL looks by default.
    (root / "usr/lib/ssl").mkdir(parents=True)
    (root / "usr/lib/ssl/cert.pem").symlink_to(CA_CERTIFICATES)
    for name, text in ETC.items():
        (root / "etc" / name).write_text(text)
    (root / "data").mkdir()
    for license in LICENSES:
        copy(license, root / "usr/share/doc" / program.name / license.name, 0o644)
    for package, _ in packages:
        of_package = root / "usr/share/doc" / package / "copyright.gz"
        of_package.parent.mkdir(exist_ok=True)
        of_package.write_bytes(gzip.compress((Path("/usr/share/doc") / package / "copyright").read_bytes(), mtime=0))
    sbom = root / f"usr/share/sbom/{program.name}.spdx.json"
    sbom.parent.mkdir(parents=True)
    sbom.write_text(json.dumps(spdx(program, sorted(packages), version, created), indent=2) + "\n")
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for file in files:
            if "bin" not in folder and "lib" not in folder:
                (Path(folder) / file).chmod(0o644)


def spdx(program: Path, packages: list[tuple[str, str]], version: str, created: str) -> dict:
    """An SPDX 2.3 document: the program, and the Debian packages of which parts lie beside it."""
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    of_program = {
        "SPDXID": "SPDXRef-program",
        "name": program.name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "Copyright The Chandlery Authors",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "primaryPackagePurpose": "APPLICATION",
    }
    of_debian = [
        {
            "SPDXID": f"SPDXRef-{re.sub('[^A-Za-z0-9.-]', '-', name)}",
            "name": name,
            "versionInfo": found,
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "supplier": "Organization: Debian",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": f"pkg:deb/debian/{name}@{found.replace('+', '%2B')}?distro=bookworm",
                }
            ],
        }
        for name, found in packages
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{program.name}-{version}",
        "documentNamespace": f"https://chandlery.invalid/spdx/{program.name}/{digest}",
        "creationInfo": {"created": created, "creators": ["Tool: make_root.py"]},
        "packages": [of_program, *of_debian],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-program"},
            *(
                {"spdxElementId": "SPDXRef-program", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": each["SPDXID"]}
                for each in of_debian
            ),
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs (Release)")
    parser.add_argument("--to", type=Path, required=True, help="folder that the roots are made in")
    arguments = parser.parse_args()
    created = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in arguments.programs:
        program = arguments.bin / name
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        make_root(program, arguments.to / name, said.split()[-1], created)


if __name__ == "__main__":
    main()
