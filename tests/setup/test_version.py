"""scripts/version.sh in repositories of its own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from chandlery_release.version import Version

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/", "GIT_CONFIG_GLOBAL": "/dev/null"}


class Sources:
    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "scripts").mkdir()
        for name in ("version.sh", "source-version.txt"):
            shutil.copy(SCRIPTS / name, folder / "scripts" / name)
        (folder / "VERSION").write_text("0.1.0\n")
        (folder / ".gitattributes").write_text("scripts/source-version.txt export-subst\n")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main")
        done = subprocess.run(["git", *identity, *arguments], cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, count: int = 1) -> None:
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet")
            self.git("add", ".")
        for _ in range(count):
            self.git("commit", "--quiet", "--allow-empty", "--message", "m")

    def version(self, **environment: str) -> list[str]:
        script = self.folder / "scripts/version.sh"
        return subprocess.run([script], env={**ENVIRONMENT, **environment}, capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def sources(tmp_path) -> Sources:
    return Sources(tmp_path)


@pytest.mark.parametrize(
    ("tag", "commits", "expected"),
    [
        ("v1.2.3", 0, r"1\.2\.3"),
        ("v1.2.3", 5, r"1\.2\.4-dev\.5\.gHASH"),
        ("v1.2.3-rc.1", 0, r"1\.2\.3-rc\.1"),
        ("v1.2.3-rc.1", 5, r"1\.2\.3-rc\.1\.dev\.5\.gHASH"),
        ("other", 1, r"0\.1\.0-dev\.2\.gHASH"),
    ],
)
def test_the_version_comes_from_the_tag(sources, tag, commits, expected):
    sources.commit()
    sources.git("tag", tag)
    sources.commit(commits)
    version, commit, time = sources.version()
    hash = sources.git("rev-parse", "--short=9", "HEAD")
    assert commit == hash
    assert re.fullmatch(expected.replace("HASH", hash), version), version
    assert time == sources.git("log", "-1", "--format=%ct")


def test_a_tag_that_is_no_version_is_refused(sources):
    sources.commit()
    sources.git("tag", "v1.2")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        sources.version()
    assert "v1.2 is not vMAJOR.MINOR.PATCH" in failed.value.stderr


def test_sources_without_history_never_claim_to_be_a_release(sources):
    assert sources.version() == ["0.1.0-dev", "unknown", "0"]


def test_sources_inside_another_repository_do_not_take_its_version(sources, tmp_path_factory):
    outer = tmp_path_factory.mktemp("outer")
    subprocess.run(["git", "init", "--quiet"], cwd=outer, env=ENVIRONMENT, check=True)
    shutil.copytree(sources.folder, outer / "inner")
    sources.folder = outer / "inner"
    assert sources.version()[1] == "unknown"


def test_an_archive_of_git_knows_its_commit_and_tag(sources, tmp_path_factory):
    sources.commit()
    sources.git("tag", "v2.0.0")
    hash = sources.git("rev-parse", "--short=9", "HEAD")
    for expected in ("2.0.0", f"0.1.0-dev.g{hash}"):
        folder = tmp_path_factory.mktemp("archive")
        sources.git("archive", "--output", str(folder / "sources.tar"), "HEAD")
        subprocess.run(["tar", "--extract", "--file", "sources.tar"], cwd=folder, check=True)
        unpacked = subprocess.run([folder / "scripts/version.sh"], env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout.split()
        assert unpacked[:2] == [expected, hash] and unpacked[2] != "0"
        if expected == "2.0.0":
            sources.git("tag", "--delete", "v2.0.0")


def test_what_is_given_wins(sources):
    given = {"CHANDLERY_VERSION": "9.9.9", "CHANDLERY_COMMIT": "abc", "SOURCE_DATE_EPOCH": "1"}
    assert sources.version(**given) == ["9.9.9", "abc", "1"]


@pytest.mark.parametrize(
    ("semver", "deb"),
    [("1.0.0", "1.0.0"), ("1.0.0-rc.1", "1.0.0~rc.1"), ("1.0.1-dev.5.gabc", "1.0.1~dev.5.gabc"), ("1.0.0-a-b", "1.0.0~a.b")],
)
def test_debian_sorts_a_prerelease_before_its_release(semver, deb):
    assert Version(semver, "abc", 0).deb == deb
    older = subprocess.run(["dpkg", "--compare-versions", deb, "le", semver.split("-")[0]], check=False)
    assert older.returncode == 0
