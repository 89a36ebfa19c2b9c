"""The bill of materials of one program: an SPDX 2.3 document (https://spdx.github.io/spdx-spec/v2.3/)."""

import re
from datetime import UTC, datetime

# What a package is to the program.
STATIC, DYNAMIC, BESIDE = "STATIC_LINK", "DYNAMIC_LINK", "DEPENDS_ON"


def spdx(program: str, version: str, digest: str, time: int, architecture: str, packages: dict[tuple[str, str], str]) -> dict:
    """`digest`: SHA-256 of the program; `packages`: name and version of each Debian package, with what it is to the program."""
    of_program = {
        "SPDXID": "SPDXRef-program",
        "name": program,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "Copyright The Chandlery Authors",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "primaryPackagePurpose": "APPLICATION",
    }
    of_debian = [_debian_package(name, found, architecture) for name, found in sorted(packages)]
    relations = [
        {"spdxElementId": "SPDXRef-program", "relationshipType": packages[each["name"], each["versionInfo"]], "relatedSpdxElement": each["SPDXID"]}
        for each in of_debian
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{program}-{version}",
        "documentNamespace": f"https://chandlery.invalid/spdx/{program}/{digest}",
        "creationInfo": {"created": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: chandlery_release"]},
        "packages": [of_program, *of_debian],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-program"},
            *relations,
        ],
    }


def _debian_package(name: str, version: str, architecture: str) -> dict:
    locator = f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}&distro=bookworm"
    return {
        "SPDXID": f"SPDXRef-{re.sub('[^A-Za-z0-9.-]', '-', name)}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "supplier": "Organization: Debian",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}],
    }
