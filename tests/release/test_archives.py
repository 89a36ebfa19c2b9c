"""The programs' archives, on this machine: those of the other architecture by qemu."""

import hashlib
import json
import re
import ssl
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import pytest
from chandlery_dev.processes import Process, free_port, wait_until
from chandlery_release.elf import System
from chandlery_release.project import ARCHITECTURES
from release import EVERY_PROGRAM, NAMES, command, output, system

# What the oldest supported systems have (docs/install.md): Ubuntu 22.04, Debian 12, and their like.
OLDEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "OPENSSL": (3, 0, 0), "GCC": (4, 5, 0), "ZLIB": (1, 2, 0)}
SHARED = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libssl.so.3", "libcrypto.so.3", "libz.so.1"}


@pytest.fixture(scope="module")
def unpacked(release, tmp_path_factory) -> dict[tuple[str, str], Path]:
    return {(architecture, name): release.unpack(name, architecture, tmp_path_factory.mktemp("unpacked")) for architecture, name in EVERY_PROGRAM}


@pytest.fixture(params=EVERY_PROGRAM, ids="-".join)
def program(request, unpacked) -> tuple[str, Path]:
    return request.param[0], unpacked[request.param]


def test_an_archive_has_what_belongs_to_the_program_in_one_folder(release, program):
    architecture, path = program
    name = path.name
    with tarfile.open(release.archive(name, architecture)) as archive:
        members = archive.getmembers()
    top = f"{name}-{release.version.semver}-linux-{architecture}"
    assert all(member.name.startswith(f"{top}/") for member in members)
    assert {(member.uid, member.gid, member.mtime) for member in members} == {(0, 0, release.version.time)}
    files = {member.name.removeprefix(f"{top}/") for member in members if member.isfile()}
    section = 1 if name in ("svcat", "s3-demo") else 8
    expected = {name, "LICENSE", "NOTICE", "THIRD-PARTY-LICENSES", f"{name}.spdx.json", f"man/{name}.{section}"}
    assert files == expected | {f"completions/{name}.bash", f"completions/_{name}", f"completions/{name}.fish"}


def test_a_program_says_what_it_is(release, program):
    architecture, path = program
    line = output(architecture, path, "--version").strip()
    assert re.fullmatch(rf"{path.name} {re.escape(release.version.semver)} \(commit {release.version.commit}, clang 19\.\d+\.\d+\)", line), line
    assert "Usage: " in output(architecture, path, "--help")


def test_a_program_runs_on_the_oldest_supported_system(program):
    """It shares only what every such system has, in no newer version."""
    _, path = program
    dynamic = subprocess.run(["readelf", "--wide", "--dynamic", path], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    assert {name for name in needed if not name.startswith("ld-linux")} <= SHARED
    versions = subprocess.run(["readelf", "--wide", "--version-info", path], capture_output=True, text=True, check=True).stdout
    for name, version in set(re.findall(r"Name: ([A-Z]+)_([0-9.]+)", versions)):
        assert tuple(map(int, version.split("."))) <= OLDEST[name], f"{name}_{version}"


def test_the_bill_of_materials_is_that_of_the_program(release, program):
    architecture, path = program
    document = json.loads((path.parent / f"{path.name}.spdx.json").read_text())
    of_program, *packages = document["packages"]
    assert (of_program["name"], of_program["versionInfo"]) == (path.name, release.version.semver)
    assert of_program["checksums"] == [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(path.read_bytes()).hexdigest()}]
    related = {each["relatedSpdxElement"]: each["relationshipType"] for each in document["relationships"]}
    kinds = {package["name"]: related[package["SPDXID"]] for package in packages}
    assert kinds["libc6"] == kinds["libssl3"] == "DYNAMIC_LINK"
    assert kinds["libboost-json1.81-dev"] == kinds["libfmt-dev"] == "STATIC_LINK"
    assert ("libsqlite3-dev" in kinds) == (path.name in ("aws-servicebroker", "service-catalog"))
    on: System = system(architecture)
    assert {package["name"]: package["versionInfo"] for package in packages} == {name: on.package(name)[1] for name in kinds}
    licenses = (path.parent / "THIRD-PARTY-LICENSES").read_text()
    assert [name for name, kind in kinds.items() if kind == "STATIC_LINK" and name not in licenses] == []


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5, context=ssl._create_unverified_context()) as answer:  # noqa: S323
        return answer.read().decode()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_servers_serve_and_svcat_asks_one(unpacked, architecture, tmp_path):
    aws_port, broker_port, catalog_port, demo_port = (free_port() for _ in range(4))
    programs = {name: unpacked[architecture, name] for name in NAMES}
    environment = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    (tmp_path / "catalog").mkdir()

    def process(name: str, *started: object) -> Process:
        return Process(name, list(map(str, started)), tmp_path / f"{name}.log", environment).start()

    def server(name: str, *arguments: object) -> Process:
        return process(name, *command(architecture, programs[name], *arguments))

    running = [process("aws", sys.executable, Path(__file__).with_name("fake_aws.py"), aws_port)]
    try:
        broker = server("aws-servicebroker", "--insecure", "--address", "127.0.0.1", "--port", broker_port, "--data-dir", tmp_path / "broker")
        running.append(broker)
        catalog = server("service-catalog", "local", "--data-dir", tmp_path / "catalog", "--port", catalog_port)
        running.append(catalog)
        demo = server("s3-demo", "--address", "127.0.0.1", "--port", demo_port)
        running.append(demo)

        def answers(of: Process, url: str, text: str) -> bool:
            of.check()
            return text in get(url)

        wait_until("the broker being ready", lambda: answers(broker, f"http://127.0.0.1:{broker_port}/readyz", "ok"), 60)
        wait_until("s3-demo", lambda: answers(demo, f"http://127.0.0.1:{demo_port}/", "Required secrets are not present"), 60)
        wait_until("the catalog being ready", lambda: answers(catalog, f"https://127.0.0.1:{catalog_port}/readyz", "ok"), 60)
        kubeconfig = tmp_path / "catalog/kubeconfig"
        assert "NAME" in output(architecture, programs["svcat"], "--kubeconfig", kubeconfig, "get", "brokers")
    finally:
        for each in reversed(running):
            each.stop()
