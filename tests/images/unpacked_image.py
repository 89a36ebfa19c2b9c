"""The images as archives, and unpacked."""

import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from chandlery_dev.processes import REPOSITORY

PROGRAMS = ("service-catalog", "aws-servicebroker", "svcat", "s3-demo")


@dataclass
class Image:
    config: dict
    root: Path
    unpacked_bytes: int
    digest: str


def build_images(folder: Path, bin_dir: Path) -> None:
    environment = {**os.environ, "BUILD": str(bin_dir.parent)}
    subprocess.run([REPOSITORY / "deploy/images/build.sh", folder], env=environment, check=True, timeout=300)


def unpack(folder: Path, program: str) -> Image:
    """What a container runtime makes of the archive."""
    root = folder / "unpacked" / program
    root.mkdir(parents=True)
    with tarfile.open(folder / f"{program}.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))
        config = json.load(archive.extractfile(manifest["Config"]))
        size = 0
        for layer in manifest["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                size += sum(each.size for each in files.getmembers())
                files.extraction_filter = lambda member, _: member  # ours; Debian's Python has no extractall(filter=)
                files.extractall(root)
    return Image(config, root, size, (folder / f"{program}.digest").read_text())
