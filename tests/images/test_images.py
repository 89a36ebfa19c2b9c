"""What is in the images, and that each program starts from its own root file system."""

import gzip
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

from chandlery_dev.processes import REPOSITORY
from unpacked_image import PROGRAMS, build_images

MEGABYTE = 1_000_000


def test_an_image_is_small(image):
    assert image.unpacked_bytes <= 25 * MEGABYTE


def test_the_same_programs_give_the_same_digests(images, bin_dir, tmp_path):
    umask = os.umask(0o077)
    try:
        build_images(tmp_path, bin_dir)
    finally:
        os.umask(umask)
    assert {program: (tmp_path / f"{program}.digest").read_text() for program in PROGRAMS} == {
        program: image.digest for program, image in images.items()
    }


def test_an_image_runs_its_program_as_a_user_without_rights(image):
    config = image.config["config"]
    assert config["User"] == "65532:65532", "a number, so that runAsNonRoot can be checked"
    assert len(config["Entrypoint"]) >= 1
    assert os.access(image.root / config["Entrypoint"][0][1:], os.X_OK)


def test_an_image_says_what_it_is(image):
    labels = image.config["config"]["Labels"]
    for name in ("title", "description", "version", "revision"):
        assert labels[f"org.opencontainers.image.{name}"], name
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_an_image_has_the_license_of_all_that_is_in_it(image):
    (file,) = (image.root / "usr/share/sbom").glob("*.spdx.json")
    program, *debian = (package["name"] for package in json.loads(file.read_text())["packages"])
    documents = image.root / "usr/share/doc"
    assert (documents / program / "LICENSE").read_text() == (REPOSITORY / "LICENSE").read_text()
    assert (documents / program / "NOTICE").read_text() == (REPOSITORY / "NOTICE").read_text()
    assert [name for name in debian if not gzip.decompress((documents / name / "copyright.gz").read_bytes()).strip()] == []


def test_an_image_has_nothing_to_run_but_its_program_and_nothing_that_gives_rights(image):
    files = [path for path in image.root.rglob("*") if path.is_file() and not path.is_symlink()]
    programs = [path for path in files if path.stat().st_mode & stat.S_IXUSR and ".so" not in path.name]
    assert programs == [image.root / image.config["config"]["Entrypoint"][0][1:]]
    assert not [path for path in files if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH)]


def test_every_library_of_an_image_is_in_its_bill_of_materials(image):
    (file,) = (image.root / "usr/share/sbom").glob("*.spdx.json")
    document = json.loads(file.read_text())
    assert document["spdxVersion"] == "SPDX-2.3"
    packages = {package["name"]: package for package in document["packages"]}
    assert {"libc6", "libssl3", "libstdc++6", "ca-certificates"} <= packages.keys()
    for package in packages.values():
        assert package["versionInfo"], package["name"]
    related = {each["relatedSpdxElement"] for each in document["relationships"]}
    assert related == {package["SPDXID"] for package in document["packages"]}


def test_each_program_starts_from_its_root_finds_names_and_trusts_the_certificates(images, tmp_path):
    """In namespaces of their own: roots read-only, users without rights, a name server and an AWS that only there can be reached."""
    roots = [f"{program}={image.root}" for program, image in images.items()]
    unshare = ["unshare", "--mount", "--net", "--fork", "--kill-child"]
    as_root = [] if os.geteuid() == 0 else ["sudo", "--preserve-env=PYTHONPATH"]
    program = Path(__file__).with_name("start_programs.py")
    done = subprocess.run(
        [*as_root, *unshare, sys.executable, program, tmp_path, *roots], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "aws-servicebroker is ready, and asked https://aws.test who it is",
        "s3-demo answers",
        "service-catalog is ready, and svcat asks it",
    ]
