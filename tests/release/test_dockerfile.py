"""deploy/images/Dockerfile, from the sources to the images of both architectures, by buildah. Its base is a bookworm that debootstrap has made."""

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from chandlery_release.project import ARCHITECTURES, REPOSITORY
from release import NAMES, native, output

# The compiler cache is this machine's, and the sources are in a folder of the same name: what is compiled already is not compiled again.
CCACHE = Path(os.environ.get("CCACHE_DIR", Path.home() / ".cache/ccache"))


@pytest.fixture(scope="module")
def buildah(as_root, tmp_path_factory) -> list[str]:
    work = tmp_path_factory.mktemp("buildah")
    return ["buildah", "--root", str(work / "storage"), "--runroot", str(work / "run"), "--storage-driver", "overlay"]


@pytest.fixture(scope="module")
def base(buildah, debian, tmp_path_factory) -> str:
    """What stands for the base image."""
    context = tmp_path_factory.mktemp("base")
    subprocess.run(["tar", "--create", "--file", context / "root.tar", "--directory", debian, "."], check=True)
    (context / "Dockerfile").write_text("FROM scratch\nADD root.tar /\n")
    subprocess.run([*buildah, "bud", "--quiet", "--tag", "localhost/bookworm", context], check=True, capture_output=True)
    (context / "root.tar").unlink()
    return "localhost/bookworm"


def test_the_context_is_small_and_has_no_history(tmp_path):
    """What .dockerignore lets through, by the rules that build tools share."""
    allowed = [line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    listed = subprocess.run(["git", "ls-files", "-z", *allowed], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    files = [REPOSITORY / name for name in listed.split("\0") if name]
    assert sum(file.stat().st_size for file in files if file.is_file()) < 20_000_000
    assert not {".git", "build", "tests"} & {name.split("/")[0] for name in allowed}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_dockerfile_builds_the_images(release, buildah, base, architecture, tmp_path):
    CCACHE.mkdir(parents=True, exist_ok=True)
    version = release.version
    arguments = {"BUILDPLATFORM": f"linux/{native()}", "DEBIAN": base, "VERSION": version.semver, "COMMIT": version.commit, "SOURCE_DATE_EPOCH": version.time, "SOURCE": REPOSITORY}
    # One target needs all that comes before it; the others take the same stage.
    for name in NAMES:
        command = [*buildah, "bud", "--layers", "--isolation", "chroot", "--platform", f"linux/{architecture}", "--target", name]
        command += [part for key, value in arguments.items() for part in ("--build-arg", f"{key}={value}")]
        command += ["--volume", f"{CCACHE}:/root/.cache/ccache", "--file", "deploy/images/Dockerfile", "--tag", f"localhost/{name}:{architecture}", "."]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=3600, check=False)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
        target = tmp_path / f"{name}.tar"
        subprocess.run([*buildah, "push", "--quiet", f"localhost/{name}:{architecture}", f"docker-archive:{target}"], check=True, capture_output=True)
        with tarfile.open(target) as archive:
            (manifest,) = json.load(archive.extractfile("manifest.json"))
            assert json.load(archive.extractfile(manifest["Config"]))["architecture"] == architecture
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                    files.extraction_filter = lambda member, _: member
                    files.extractall(tmp_path / name)
        (loader,) = [path for path in (tmp_path / name).rglob("ld-linux*") if path.is_file()]
        said = output(architecture, loader, "--library-path", tmp_path / name / "usr/lib", tmp_path / name / f"usr/local/bin/{name}", "--version")
        assert said.startswith(f"{name} {version.semver} (commit {version.commit}, clang ")
