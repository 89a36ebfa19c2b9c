"""The images: an index for both architectures, with bills of materials, in one file each."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile

import pytest
from chandlery_release.project import ARCHITECTURES
from release import NAMES, OciArchive, output


@pytest.fixture(params=NAMES)
def program(request) -> str:
    return request.param


@pytest.fixture
def image(release, program) -> OciArchive:
    return OciArchive(release.image(program))


def platforms(image: OciArchive) -> dict[str, dict]:
    return {each["platform"]["architecture"]: each for each in image.index["manifests"] if each["platform"]["os"] == "linux"}


def test_every_blob_is_what_its_name_says_and_nothing_else_is_there(image):
    for name, content in image.files.items():
        if name.startswith("blobs/sha256/"):
            assert hashlib.sha256(content).hexdigest() == name.removeprefix("blobs/sha256/")
    reached = {image.index_digest}
    for manifest in image.index["manifests"]:
        document = image.json(manifest["digest"])
        reached |= {manifest["digest"], document["config"]["digest"], *(layer["digest"] for layer in document["layers"])}
    assert {f"blobs/{digest.replace(':', '/')}" for digest in reached} == {name for name in image.files if name.startswith("blobs/")}


def test_the_index_has_both_architectures_and_the_digest_that_is_told(release, program, image):
    assert set(platforms(image)) == set(ARCHITECTURES)
    assert release.digests()[program] == image.index_digest
    for architecture, manifest in platforms(image).items():
        config = image.json(image.json(manifest["digest"])["config"]["digest"])
        assert (config["os"], config["architecture"]) == ("linux", architecture)
        labels = config["config"]["Labels"]
        assert labels["org.opencontainers.image.version"] == release.version.semver
        assert labels["org.opencontainers.image.revision"].startswith(release.version.commit)
        assert labels["org.opencontainers.image.source"].startswith("https://")


def test_each_image_has_its_bill_of_materials_beside_it(image):
    attached = {each["annotations"]["vnd.docker.reference.digest"]: each for each in image.index["manifests"] if each["platform"]["os"] == "unknown"}
    assert set(attached) == {manifest["digest"] for manifest in platforms(image).values()}
    for digest, manifest in attached.items():
        (layer,) = image.json(manifest["digest"])["layers"]
        statement = image.json(layer["digest"])
        assert statement["subject"][0]["digest"]["sha256"] == digest.removeprefix("sha256:")
        assert statement["predicateType"] == layer["annotations"]["in-toto.io/predicate-type"] == "https://spdx.dev/Document"
        assert statement["predicate"]["spdxVersion"] == "SPDX-2.3"


def test_an_image_has_the_program_of_the_archive_and_the_same_files_for_both_architectures(release, program, image, tmp_path):
    names = {}
    for architecture, manifest in platforms(image).items():
        (layer,) = image.json(manifest["digest"])["layers"]
        with tarfile.open(fileobj=io.BytesIO(image.blob(layer["digest"]))) as files:
            inside = {member.name.strip("/"): member for member in files.getmembers()}
            of_image = files.extractfile(inside[f"usr/local/bin/{program}"]).read()
        assert of_image == release.unpack(program, architecture, tmp_path / architecture).read_bytes()
        names[architecture] = {name for name in inside if "ld-linux" not in name and not name.startswith(("lib64", "lib"))}
    assert names["amd64"] == names["arm64"]


def test_skopeo_copies_an_image_with_its_digest(release, program, image, tmp_path):
    """As docs/releasing.md has it, to a folder instead of a registry."""
    if shutil.which("skopeo") is None:
        pytest.fail("there is no skopeo: make setup-release")
    source = f"oci-archive:{image.path}:{release.version.semver}"
    subprocess.run(["skopeo", "copy", "--quiet", "--all", "--preserve-digests", source, f"oci:{tmp_path}/copy:1"], check=True)
    (copied,) = json.loads((tmp_path / "copy/index.json").read_text())["manifests"]
    assert copied["digest"] == image.index_digest


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_program_starts_from_its_own_root(release, program, image, architecture, tmp_path):
    """With the libraries of the image, not of this machine: its loader is told where they are."""
    (layer,) = image.json(platforms(image)[architecture]["digest"])["layers"]
    with tarfile.open(fileobj=io.BytesIO(image.blob(layer["digest"]))) as files:
        files.extraction_filter = lambda member, _: member
        files.extractall(tmp_path)
    loaders = [path for path in tmp_path.rglob("ld-linux*") if path.is_file()]
    (loader,) = loaders
    said = output(architecture, loader, "--library-path", tmp_path / "usr/lib", tmp_path / f"usr/local/bin/{program}", "--version")
    assert said.startswith(f"{program} {release.version.semver} ")
