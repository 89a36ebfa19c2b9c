"""The charts as a release publishes them."""

import json
import subprocess
import tarfile

import pytest
import yaml
from chandlery_release import changes, charts
from chandlery_release.project import IMAGES, REPOSITORY, URL
from chandlery_release.version import Version

VERSION = Version("1.2.3-rc.1", "1a2b3c4d5", 1_700_000_000)
DIGESTS = {program: f"sha256:{number:064x}" for number, program in enumerate(("service-catalog", "svcat", "aws-servicebroker"))}


@pytest.fixture(scope="module", params=charts.CHARTS, ids=lambda chart: chart.name)
def chart(request):
    return request.param


@pytest.fixture(scope="module")
def published(chart, helm, tmp_path_factory) -> dict[str, str]:
    """The chart's files by their names."""
    folder = tmp_path_factory.mktemp("published")
    made = charts.make(chart, VERSION, DIGESTS, helm, folder / "work", folder)
    said = subprocess.run([helm, "lint", "--strict", folder / "work" / chart.name], capture_output=True, text=True, check=False)
    assert said.returncode == 0 and "[" not in said.stdout, said.stdout
    with tarfile.open(made) as archive:
        return {member.name.removeprefix(f"{chart.name}/"): archive.extractfile(member).read().decode() for member in archive if member.isfile()}


def test_artifact_hub_is_told_what_a_chart_is(chart, published):
    description = yaml.safe_load(published["Chart.yaml"])
    assert description["version"] == description["appVersion"] == "1.2.3-rc.1"
    assert description["sources"] == [URL] and description["home"] == URL
    assert description["maintainers"][0].keys() == {"name", "email"}
    icon = description["icon"].removeprefix(f"{URL}/raw/v1.2.3-rc.1/")
    assert (REPOSITORY / icon).read_text().startswith("<svg ")
    annotations = {key.removeprefix("artifacthub.io/"): value for key, value in description["annotations"].items()}
    assert all(isinstance(value, str) for value in annotations.values())
    assert (annotations["license"], annotations["prerelease"]) == ("Apache-2.0", "true")
    images = {image["image"] for image in yaml.safe_load(annotations["images"])}
    assert images == {f"{IMAGES}/{program}:1.2.3-rc.1@{DIGESTS[program]}" for program in chart.images.values()}
    for link in yaml.safe_load(annotations["links"]):
        path = link["url"].removeprefix(f"{URL}/").removeprefix("blob/v1.2.3-rc.1/")
        assert link["url"].startswith(URL) and (path == "issues" or (REPOSITORY / path).exists())
    kinds = {crd["kind"]: crd for crd in yaml.safe_load(annotations.get("crds", "[]"))}
    assert ("ServiceInstance" in kinds) == (chart.name == "catalog")
    assert all(crd["description"] and crd["version"] == "v1beta1" for crd in kinds.values())


def test_the_images_are_named_by_their_digests(chart, published):
    values = yaml.safe_load(published["values.yaml"])
    for value, program in chart.images.items():
        assert values[value] == f"{IMAGES}/{program}:1.2.3-rc.1@{DIGESTS[program]}"
    assert "takes chandlery/" not in published["values.yaml"]


def test_the_readme_has_the_values_and_how_to_install(chart, published):
    for value in yaml.safe_load(published["values.yaml"]):
        assert f"`{value}" in published["README.md"]
    assert f"helm install {chart.name} oci://{IMAGES}/charts/{chart.name} --version 1.2.3-rc.1" in published["README.md"]


def test_the_charts_of_the_tree_have_the_next_version():
    next_version = (REPOSITORY / "VERSION").read_text().strip()
    for chart in charts.CHARTS:
        description = yaml.safe_load((charts.FOLDER / chart.name / "Chart.yaml").read_text())
        assert description["version"] == description["appVersion"] == next_version


def test_changes_are_those_of_the_version():
    text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- New.\n\n## [1.2.3-rc.1] - 2026-01-01\n\nText.\n\n### Security\n\n- One\n  thing.\n\n### Other\n\n- No kind.\n"
    assert changes.entries(VERSION, text) == [{"kind": "security", "description": "One thing."}]
    assert changes.entries(Version("1.2.4-dev.1.gabc", "abc", 0), text) == [{"kind": "added", "description": "New."}]
    assert json.dumps(changes.entries(VERSION, "# Changelog\n")) == "[]"
