"""The Helm charts as they are published: with version, images by digest, README, and what Artifact Hub shows of them
(https://artifacthub.io/docs/topics/annotations/helm/)."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml
from chandlery_dev.reference import flags_of, values_of

from . import changes
from .archive import tar_gz
from .project import IMAGES, MAINTAINER, MAINTAINER_EMAIL, REPOSITORY, URL
from .version import Version

FOLDER = REPOSITORY / "deploy/charts"
# Older changes are in the changelog, to which the chart links.
MAX_CHANGES = 40


@dataclass(frozen=True)
class Chart:
    name: str
    namespace: str
    images: dict[str, str]  # the chart's value, and the program whose image it names
    settings: str  # that an installation cannot do without


CHARTS = (
    Chart("catalog", "catalog", {"image": "service-catalog", "testImage": "svcat"}, ""),
    Chart("aws-servicebroker", "aws-sb", {"image": "aws-servicebroker"}, " \\\n  --set aws.region=REGION"),
)


def make(chart: Chart, version: Version, digests: dict[str, str], helm: Path, work: Path, to: Path) -> Path:
    root = work / chart.name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(FOLDER / chart.name, root)  # the CRDs, which are links, as files
    images = {value: f"{IMAGES}/{program}:{version.semver}@{digests[program]}" for value, program in chart.images.items()}
    name_images(root / "values.yaml", images)
    description = yaml.safe_load((root / "Chart.yaml").read_text())
    published = {**description, **metadata(chart, description, images, version, root)}
    (root / "Chart.yaml").write_text(dumped(published))
    (root / "README.md").write_text(readme(chart, description, version, root))
    shutil.copy(REPOSITORY / "LICENSE", root)
    done = subprocess.run([helm, "lint", "--strict", root], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"helm lint: {done.stdout}{done.stderr}")
    target = to / f"{chart.name}-{version.semver}.tgz"
    # As `helm package`, but with the times of the commit.
    tar_gz(target, root, chart.name, version.time)
    return target


class Dumper(yaml.SafeDumper):
    """Texts of several lines as they are."""


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def dumped(document: dict) -> str:
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def name_images(values: Path, images: dict[str, str]) -> None:
    text = values.read_text()
    for value, image in images.items():
        text, count = re.subn(rf'^{value}: "".*$', f"{value}: {image}", text, flags=re.MULTILINE)
        if count != 1:
            raise SystemExit(f"{values}: there is no line {value}: \"\"")
    # The comment above the line says what the empty value means.
    values.write_text(re.sub(r'^# (.*); "" takes .*$', r"# \1.", text, flags=re.MULTILINE))


def metadata(chart: Chart, description: dict, images: dict[str, str], version: Version, root: Path) -> dict:
    """The fields of Chart.yaml that are the release's."""
    changed = changes.entries(version)
    annotations = {
        **description.get("annotations", {}),
        "artifacthub.io/prerelease": json.dumps(version.is_prerelease),
        "artifacthub.io/containsSecurityUpdates": json.dumps(any(each["kind"] == "security" for each in changed)),
        "artifacthub.io/images": yaml.safe_dump(
            [{"name": chart.images[value], "image": image, "platforms": ["linux/amd64", "linux/arm64"]} for value, image in images.items()],
            sort_keys=False,
            width=200,
        ),
        "artifacthub.io/links": yaml.safe_dump(
            [
                {"name": "Documentation", "url": f"{URL}/blob/{version.ref}/docs/install.md"},
                {"name": "Changelog", "url": f"{URL}/blob/{version.ref}/CHANGELOG.md"},
                {"name": "support", "url": f"{URL}/issues"},
            ],
            sort_keys=False,
        ),
    }
    if changed:
        annotations["artifacthub.io/changes"] = yaml.safe_dump(changed[:MAX_CHANGES], sort_keys=False, width=10_000, allow_unicode=True)
    if crds := sorted((root / "files/crds").glob("*.yaml")):
        annotations["artifacthub.io/crds"] = yaml.safe_dump([crd(path) for path in crds], sort_keys=False, width=200)
    return {
        "version": version.semver,
        "appVersion": version.semver,
        "home": URL,
        "icon": f"{URL}/raw/{version.ref}/deploy/charts/icon.svg",
        "sources": [URL],
        "maintainers": [{"name": MAINTAINER, "email": MAINTAINER_EMAIL}],
        "annotations": annotations,
    }


def crd(path: Path) -> dict:
    document = yaml.safe_load(path.read_text())
    spec = document["spec"]
    (served,) = [each for each in spec["versions"] if each["storage"]]
    said = served["schema"]["openAPIV3Schema"].get("description", spec["names"]["kind"])
    return {
        "kind": spec["names"]["kind"],
        "version": served["name"],
        "name": document["metadata"]["name"],
        "displayName": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", spec["names"]["kind"]),
        "description": " ".join(said.split()),
    }


def readme(chart: Chart, description: dict, version: Version, root: Path) -> str:
    parts = {}
    if chart.name == "catalog":
        parts = {part: flags_of("service-catalog", command) for part, command in (("webhook", "webhook"), ("controllerManager", "controller-manager"))}
    values = values_of(chart.name, parts, root).partition("\n\n")[2]
    needs = f"{URL}/blob/{version.ref}/docs/install.md"
    kubernetes = description["kubeVersion"].removeprefix(">=").removesuffix("-0")
    names = " and ".join(f"`{value}`" for value in chart.images)
    registry = f"oci://{IMAGES}/charts/{chart.name}"
    return f"""# {chart.name}

{description["description"]}.

Kubernetes {kubernetes} or later, Helm 4. [What the chart installs, and what it needs]({needs}).

## Install

```sh
helm install {chart.name} {registry} --version {version.semver} \\
  --namespace {chart.namespace} --create-namespace --wait{chart.settings}
helm test {chart.name} --namespace {chart.namespace}
```

The images are named by their digests, for amd64 and arm64. To take them from a registry of your own, copy them there and set {names}.

## Upgrade

Read "After the upgrade" in the [changelog]({URL}/blob/{version.ref}/CHANGELOG.md), then:

```sh
helm upgrade {chart.name} {registry} --version {version.semver} --namespace {chart.namespace} --reset-then-reuse-values --wait
```

## Values

A value that the chart does not know, or of another type, is refused by its name.

{values}"""
