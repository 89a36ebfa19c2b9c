"""Versions that the documents name: of the project itself, of the programs that the tests use, and counts."""

import re
import shutil
import subprocess
from pathlib import Path

import documents
import pytest
import yaml
from chandlery_dev import class_pages, tools
from chandlery_dev.processes import REPOSITORY
from chandlery_release.project import PROGRAMS

NAMES = "|".join([*(program.name for program in PROGRAMS), r"\$program", "catalog"])
OURS = (rf"(?:{NAMES}):(\d+\.\d+\.\d+)", rf"(?:{NAMES})-(\d+\.\d+\.\d+)", rf"(?:{NAMES})_(\d+\.\d+\.\d+)")
CHARTS = ("deploy/charts/catalog/Chart.yaml", "deploy/charts/aws-servicebroker/Chart.yaml")
READMES = ("README.md", "README.ja.md")


def files_that_name_it() -> list[Path]:
    """But docs/releasing.md, which has examples of other versions."""
    listed = subprocess.run(["git", "ls-files", "docs", "samples", "*.md", ":!docs/releasing.md", ":!CHANGELOG.md"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split() if Path(name).suffix in (".md", ".yaml")]


def named(root: Path) -> set[tuple[str, str]]:
    """Each version of ours that a file below the folder names, with the file."""
    found = {("VERSION", (root / "VERSION").read_text().strip())}
    for file in files_that_name_it():
        text = (root / file).read_text()
        found |= {(str(file), version) for pattern in OURS for version in re.findall(pattern, text)}
        if str(file) in READMES:
            found |= {(str(file), version) for line in text.splitlines() if line.startswith("**") for version in re.findall(r"\b\d+\.\d+\.\d+\b", line)}
    for chart in CHARTS:
        described = yaml.safe_load((root / chart).read_text())
        found |= {(chart, described["version"]), (chart, described["appVersion"])}
    return found


def test_every_file_names_the_version():
    version = (REPOSITORY / "VERSION").read_text().strip()
    assert {(file, other) for file, other in named(REPOSITORY) if other != version} == set()


def test_the_commands_of_releasing_change_all_of_them(tmp_path):
    for file in [*map(str, files_that_name_it()), "VERSION", "docs/releasing.md", *CHARTS]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / file, tmp_path / file)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (script,) = [text for _, text in documents.blocks(REPOSITORY / "docs/releasing.md") if "$(cat VERSION)" in text]
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True)
    (new,) = re.findall(r"new=(\S+)", script)
    assert {(file, version) for file, version in named(tmp_path) if version != new} == set()
    assert len(named(tmp_path)) == len(named(REPOSITORY))


def supported(what: str) -> str:
    """The column "Tested" of the first table."""
    (line,) = re.findall(rf"^\| {what} \|.*$", (REPOSITORY / "docs/supported.md").read_text(), re.M)
    return line.split("|")[3].strip()


@pytest.mark.parametrize("name", ["kubectl", "helm"])
def test_the_versions_that_are_tested_are_those_of_the_tools(name):
    """Of the package that the tests take on x86-64, if the machine has no other program."""
    program = tools.BIN / name
    if not program.is_symlink() or not (program.resolve().parent.name.startswith("kubectl-")):
        pytest.skip(f"this machine has a {name} of its own")
    version = tools.version_of(program, tools.TOOLS[name])
    assert version
    assert supported("Helm" if name == "helm" else name) == "{}.{}".format(*version)


def test_the_kubernetes_that_is_tested_is_the_one_of_the_tests():
    (minor,) = re.findall(r"k8s.io/kubernetes v1\.(\d+)\.", (REPOSITORY / "tests/cluster/kubernetes/go.mod").read_text())
    assert supported("Kubernetes").startswith(f"1.{minor}")


def test_the_number_of_classes_is_right():
    told = {
        (documents.name_of(page), int(count)) for page in documents.pages() if page.name != "CHANGELOG.md" for count in re.findall(r"(\d+)(?: classes\b| ?の?クラス)", page.read_text())
    }
    assert {name for name, _ in told} >= {*READMES, "docs/classes/index.md"}
    assert {(name, count) for name, count in told if count != len(class_pages.class_names())} == set()


def test_the_base_images_are_the_same():
    pinned = {re.findall(r"debian:bookworm-\S+@sha256:\w+", (REPOSITORY / file).read_text())[0] for file in ("deploy/images/Dockerfile", ".devcontainer/Dockerfile")}
    assert len(pinned) == 1


def test_the_dockerfile_builds_every_program():
    text = (REPOSITORY / "deploy/images/Dockerfile").read_text()
    names = [program.name for program in PROGRAMS]
    assert sorted(re.findall(r"^FROM scratch AS (\S+)$", text, re.M)) == sorted(names)
    (made,) = re.findall(r"make_root\.py (.*?) *\\$", text, re.M)
    assert sorted(made.split()) == sorted(names)


def test_every_program_has_its_other_manual_pages():
    from chandlery_release import manual

    assert set(manual.SEE_ALSO) == {program.name for program in PROGRAMS}
