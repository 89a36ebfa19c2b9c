"""What is published beside programs and images: charts, the krew manifest, checksums."""

import hashlib
import re
import subprocess
import tarfile

import pytest
import yaml
from chandlery_release.charts import CHARTS
from chandlery_release.project import ARCHITECTURES, IMAGES, PROGRAMS, URL
from release import NAMES

CHART_NAMES = [chart.name for chart in CHARTS]


def test_a_release_has_these_files_and_no_others(release):
    version = release.version.semver
    expected = {"SHA256SUMS", "images.txt", "svcat-krew.yaml", *(f"{name}-{version}.tgz" for name in CHART_NAMES)}
    for name in NAMES:
        expected.add(f"{name}-{version}-oci.tar")
        for architecture in ARCHITECTURES:
            expected |= {f"{name}-{version}-linux-{architecture}.tar.gz", f"{name}_{version}_{architecture}.deb"}
    assert {path.name for path in release.dist.iterdir()} == expected


def test_the_checksums_are_those_of_the_files(release):
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=release.dist, check=True)
    named = {line.split("  ")[1] for line in (release.dist / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.name for path in release.dist.iterdir()} - {"SHA256SUMS"}


def test_krew_finds_svcat_in_the_archives(release):
    manifest = yaml.safe_load((release.dist / "svcat-krew.yaml").read_text())
    assert (manifest["kind"], manifest["metadata"]["name"], manifest["spec"]["version"]) == ("Plugin", "svcat", release.version.tag)
    assert len(manifest["spec"]["shortDescription"]) <= 50  # krew-index asks for it
    platforms = {each["selector"]["matchLabels"]["arch"]: each for each in manifest["spec"]["platforms"]}
    assert set(platforms) == set(ARCHITECTURES)
    for architecture, platform in platforms.items():
        archive = release.archive("svcat", architecture)
        assert platform["uri"] == f"{URL}/releases/download/{release.version.tag}/{archive.name}"
        assert platform["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
        with tarfile.open(archive) as files:
            inside = [member.name for member in files.getmembers()]
        for each in platform["files"]:
            (found,) = [name for name in inside if re.fullmatch(each["from"].replace("*", "[^/]*"), name)]
            assert each["to"] == "." and found
        assert platform["bin"] == "svcat"


@pytest.mark.parametrize("name", CHART_NAMES)
def test_helm_takes_a_chart(release, helm, name, tmp_path):
    with tarfile.open(release.chart(name)) as chart:
        chart.extraction_filter = lambda member, _: member
        chart.extractall(tmp_path)
    linted = subprocess.run([helm, "lint", "--strict", tmp_path / name], capture_output=True, text=True, check=False)
    assert linted.returncode == 0 and "[" not in linted.stdout, linted.stdout
    given = ["--set", "aws.region=us-east-1"] if name == "aws-servicebroker" else []
    command = [helm, "template", "release", release.chart(name), "--namespace", "ns", *given]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    images = set(re.findall(r"image: \"?([^\"\s]+)", rendered))
    digests = release.digests()
    programs = {"catalog": {"service-catalog", "svcat"}, "aws-servicebroker": {"aws-servicebroker"}}[name]
    assert images == {f"{IMAGES}/{program}:{release.version.semver}@{digests[program]}" for program in programs}


def test_a_summary_is_what_debian_and_manual_pages_want():
    for program in PROGRAMS:
        assert len(program.summary) <= 80 and not program.summary.endswith(".")
