"""The images of a program for all architectures, with their bills of materials, as one OCI archive that skopeo copies to a registry.

The layout is that of the OCI image specification, version 1.1. An image's bill of materials is attached as BuildKit attaches it
(https://docs.docker.com/build/metadata/attestations/attestation-storage/): the index has, beside each image, a manifest for the platform
"unknown/unknown" whose layer is an in-toto statement with the SPDX document. It goes wherever the index is copied to, and registries need no
referrers API. Container runtimes choose by platform, and do not look at it.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from .archive import add_bytes
from .project import PROGRAMS, REPOSITORY, URL
from .stage import Build
from .version import Version

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
IN_TOTO = "application/vnd.in-toto+json"


@dataclass
class Layout:
    """Blobs by their digest."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def add(self, content: bytes, media_type: str) -> dict:
        """Returns the descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    def add_json(self, document: dict, media_type: str) -> dict:
        return self.add(json.dumps(document, separators=(",", ":")).encode(), media_type)

    def add_folder(self, folder: Path) -> dict:
        """Takes over all of another layout; returns the descriptor of its only image."""
        for blob in (folder / "blobs/sha256").iterdir():
            self.blobs[blob.name] = blob.read_bytes()
        (image,) = json.loads((folder / "index.json").read_text())["manifests"]
        return {"mediaType": image["mediaType"], "digest": image["digest"], "size": image["size"]}

    def write(self, target: Path, image: dict, tag: str, time: int) -> None:
        entry = {**image, "annotations": {"org.opencontainers.image.ref.name": tag}}
        top = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
        with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as archive:
            add_bytes(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}', time)
            add_bytes(archive, "index.json", json.dumps(top, separators=(",", ":")).encode(), time)
            for digest in sorted(self.blobs):
                add_bytes(archive, f"blobs/sha256/{digest}", self.blobs[digest], time)


def attestation(layout: Layout, image: dict, document: dict) -> dict:
    """The manifest that attaches an SPDX document to an image; returns its descriptor for the index."""
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "subject": [{"name": "_", "digest": {"sha256": image["digest"].removeprefix("sha256:")}}],
        "predicate": document,
    }
    layer = layout.add_json(statement, IN_TOTO)
    config = {"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}
    layer["annotations"] = {"in-toto.io/predicate-type": "https://spdx.dev/Document"}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": layout.add_json(config, CONFIG), "layers": [layer]}
    return {
        **layout.add_json(manifest, MANIFEST),
        "platform": {"architecture": "unknown", "os": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]},
    }


def make(builds: list[Build], version: Version, work: Path, to: Path) -> dict[str, str]:
    """Writes PROGRAM-VERSION-oci.tar for each program; returns the digests of their indexes."""
    for build in builds:
        architecture = build.system.architecture
        environment = {
            **os.environ,
            "BUILD": str(build.folder),
            "ARCHITECTURE": architecture,
            "SYSROOT": str(build.system.root),
            "FORMAT": "oci",
            "TAG": version.semver,
            "SOURCE_URL": URL,
        }
        shutil.rmtree(work / architecture, ignore_errors=True)
        command = [REPOSITORY / "deploy/images/build.sh", work / architecture]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"deploy/images/build.sh for {architecture}: {done.stdout}{done.stderr}")
    digests = {}
    for program in PROGRAMS:
        layout = Layout()
        manifests, attestations = [], []
        for build in builds:
            folder = work / build.system.architecture
            image = layout.add_folder(folder / program.name)
            manifests.append({**image, "platform": {"architecture": build.system.architecture, "os": "linux"}})
            document = json.loads((folder / f"{program.name}.spdx.json").read_text())
            attestations.append(attestation(layout, image, document))
        index = layout.add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests + attestations}, INDEX)
        layout.write(to / f"{program.name}-{version.semver}-oci.tar", index, version.semver, version.time)
        digests[program.name] = index["digest"]
    return digests
