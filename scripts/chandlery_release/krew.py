"""The manifest by which krew installs svcat as `kubectl svcat` (https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/)."""

import hashlib
from pathlib import Path

import yaml

from .project import ARCHITECTURES, URL
from .version import Version

DESCRIPTION = """\
Shows brokers, classes, plans, instances and bindings of the Service Catalog,
and runs commands with the credentials of a binding.
"""


def archive_name(program: str, version: Version, architecture: str) -> str:
    return f"{program}-{version.semver}-linux-{architecture}.tar.gz"


def manifest(version: Version, dist: Path) -> str:
    platforms = []
    for architecture in ARCHITECTURES:
        name = archive_name("svcat", version, architecture)
        platforms.append(
            {
                "selector": {"matchLabels": {"os": "linux", "arch": architecture}},
                "uri": f"{URL}/releases/download/{version.tag}/{name}",
                "sha256": hashlib.sha256((dist / name).read_bytes()).hexdigest(),
                "files": [{"from": "*/svcat", "to": "."}, {"from": "*/LICENSE", "to": "."}],
                "bin": "svcat",
            }
        )
    document = {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "svcat"},
        "spec": {
            "version": version.tag,
            "homepage": URL,
            "shortDescription": "Look at services of the Service Catalog",
            "description": DESCRIPTION,
            "caveats": "The cluster needs the Service Catalog: its chart is described at the homepage.\n",
            "platforms": platforms,
        },
    }
    return yaml.safe_dump(document, sort_keys=False)
