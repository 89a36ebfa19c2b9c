"""The .deb packages: installed, started, upgraded, removed and purged on a Debian bookworm that runs its own systemd."""

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from chandlery_dev.processes import wait_until
from chandlery_release import packages, stage
from chandlery_release.project import PROGRAMS, REPOSITORY
from debian_system import Container, copy_of, made
from release import EVERY_PROGRAM, NAMES, Release, native, output, system

SERVERS = {"aws-servicebroker": "aws-servicebroker", "service-catalog": "service-catalog-local"}
AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}


def field(package: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "--field", package, name], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("architecture", "name"), EVERY_PROGRAM)
def test_a_package_says_what_it_is_and_what_it_needs(release, architecture, name):
    package = release.package(name, architecture)
    assert (field(package, "Package"), field(package, "Architecture"), field(package, "Version")) == (name, architecture, release.version.deb)
    needed = {each.split(" ")[0] for each in field(package, "Depends").split(", ")}
    assert {"libc6", "libssl3", "libstdc++6"} <= needed <= {"libc6", "libgcc-s1", "libssl3", "libstdc++6", "zlib1g", "adduser", "ca-certificates"}
    assert "@" in field(package, "Maintainer") and field(package, "Homepage").startswith("https://")


@pytest.mark.parametrize("name", NAMES)
def test_both_architectures_have_the_same_files_and_needs(release, name):
    def contents(architecture: str) -> list[tuple[str, str]]:
        listed = subprocess.run(["dpkg-deb", "--contents", release.package(name, architecture)], capture_output=True, text=True, check=True).stdout
        return sorted((line.split()[0], " ".join(line.split()[5:])) for line in listed.splitlines())

    def needs(architecture: str) -> list[str]:
        return sorted(re.sub(r" \(.*\)", "", each) for each in field(release.package(name, architecture), "Depends").split(", "))

    assert contents("amd64") == contents("arm64")
    assert needs("amd64") == needs("arm64")


@pytest.mark.parametrize(("architecture", "name"), EVERY_PROGRAM)
def test_a_package_has_the_program_of_the_archive(release, architecture, name, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", release.package(name, architecture), tmp_path / "package"], check=True)
    program = tmp_path / f"package/usr/bin/{name}"
    assert program.read_bytes() == release.unpack(name, architecture, tmp_path).read_bytes()
    assert output(architecture, program, "--version").startswith(f"{name} {release.version.semver} ")
    if name == "svcat":
        assert (tmp_path / "package/usr/bin/kubectl-svcat").readlink() == Path("svcat")


def older(release: Release, name: str, to: Path, work: Path) -> Path:
    """The package as an earlier version could have been: with other defaults in /etc."""
    root = work / f"{name}-older"
    subprocess.run(["dpkg-deb", "--extract", release.package(name, native()), root], check=True)
    for defaults in (root / "etc/default").glob("*"):
        defaults.write_text("# An earlier version.\n" + defaults.read_text())
    (program,) = [program for program in PROGRAMS if program.name == name]
    folder = REPOSITORY / "build/release"
    version = dataclasses.replace(release.version, semver="0.0.1")
    return packages.make(program, root, stage.Build(folder, system(native())), version, work / f"{name}-work", to)


@pytest.fixture(scope="module")
def container(release, debian, tmp_path_factory):
    work = tmp_path_factory.mktemp("debian")
    root = copy_of(debian, work / "root")
    (root / "packages/older").mkdir(parents=True)
    for name in NAMES:
        shutil.copy(release.package(name, native()), root / f"packages/{name}.deb")
    for name in SERVERS:
        older(release, name, root / "packages/older", work).rename(root / f"packages/older/{name}.deb")
    with Container(root, work / "console.log") as container:
        container.python(Path(__file__).with_name("fake_aws.py"), 4566)
        yield container
        container.end_python()


def installed(container: Container, name: str) -> str:
    return container.run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Version}", name, check=False).strip()


def state(container: Container, name: str) -> list[str]:
    return container.run("sh", "-c", f"ls -A /var/lib/{name} 2>/dev/null || true").split()


def log(container: Container, unit: str) -> str:
    return container.run("journalctl", "--no-pager", "--unit", unit)


def wait_for(container: Container, unit: str, url: str, text: str) -> None:
    try:
        wait_until(f"{unit} answering at {url}", lambda: text in container.get(url), 30, 0.2)
    except Exception as error:
        raise AssertionError(f"{error}\n{container.run('systemctl', 'status', unit, check=False)}{log(container, unit)}") from error


def main_pid(container: Container, unit: str) -> str:
    return container.run("systemctl", "show", "--property", "MainPID", "--value", unit).strip()


# One story, in this order.


def test_installing_makes_a_user_and_starts_nothing(container):
    for name, unit in SERVERS.items():
        container.run("dpkg", "--install", f"/packages/older/{name}.deb")
        assert installed(container, name) == "ii  0.0.1"
        assert container.run("id", "--user", "--name", name).strip() == name
        assert container.run("systemctl", "is-active", unit, check=False).strip() == "inactive"
        assert container.run("systemctl", "is-enabled", unit, check=False).strip() == "disabled"
        assert container.run("stat", "--format=%U:%G %a", f"/etc/default/{unit}").strip() == "root:root 640"


def test_the_units_are_valid_and_confined(container):
    for unit in SERVERS.values():
        said = container.run("systemd-analyze", "verify", f"/usr/lib/systemd/system/{unit}.service", check=False)
        assert said.strip() == ""
        exposure = container.run("systemd-analyze", "security", "--no-pager", unit)
        (level,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", exposure)
        assert float(level) <= 2.0, exposure


def test_the_broker_starts_with_its_settings_and_keeps_its_records_to_itself(container):
    settings = "\n".join(f"{name}={value}" for name, value in AWS.items())
    container.run("sh", "-c", f"echo '{settings}' >>/etc/default/aws-servicebroker")
    container.run("systemctl", "enable", "--now", "aws-servicebroker")
    wait_for(container, "aws-servicebroker", "http://127.0.0.1:3199/readyz", "ok")
    user = container.run("id", "--user", "aws-servicebroker").strip()
    ids = container.run("grep", "^Uid:", f"/proc/{main_pid(container, 'aws-servicebroker')}/status").split()[1:]
    assert set(ids) == {user} and user != "0"
    assert container.run("stat", "--format=%U %a", "/var/lib/aws-servicebroker").strip() == "aws-servicebroker 700"
    assert state(container, "aws-servicebroker")
    said = log(container, "aws-servicebroker")
    assert "Files can be written below the data folder only" in said, said


def test_the_catalog_starts_and_root_uses_it(container):
    container.run("systemctl", "enable", "--now", "service-catalog-local")
    wait_for(container, "service-catalog-local", "https://127.0.0.1:6443/readyz", "ok")
    container.run("dpkg", "--install", "/packages/svcat.deb", "/packages/s3-demo.deb")
    kubeconfig = {"KUBECONFIG": "/var/lib/service-catalog/kubeconfig"}
    assert "NAME" in container.run("svcat", "get", "brokers", environment=kubeconfig)
    assert "NAME" in container.run("kubectl-svcat", "get", "brokers", environment=kubeconfig)
    assert container.run("stat", "--format=%a", kubeconfig["KUBECONFIG"]).strip() == "600"


def test_manual_pages_and_completions_are_found(release, container):
    for name in NAMES:
        container.run("test", "-s", container.run("man", "--where", name).strip())
    container.run("test", "-f", "/usr/share/zsh/vendor-completions/_svcat", "-a", "-f", "/usr/share/fish/vendor_completions.d/svcat.fish")
    script = ". /usr/share/bash-completion/bash_completion; _completion_loader svcat; COMP_WORDS=(svcat get cl); COMP_CWORD=2; _svcat; echo ${COMPREPLY[@]}"
    assert container.run("bash", "-c", script).strip() == "classes"


def test_an_upgrade_keeps_settings_and_records_and_restarts_what_runs(release, container):
    before = {name: (main_pid(container, unit), state(container, name)) for name, unit in SERVERS.items()}
    for name in SERVERS:
        container.run("dpkg", "--force-confold", "--install", f"/packages/{name}.deb")
        assert installed(container, name) == f"ii  {release.version.deb}"
    wait_for(container, "aws-servicebroker", "http://127.0.0.1:3199/readyz", "ok")
    wait_for(container, "service-catalog-local", "https://127.0.0.1:6443/readyz", "ok")
    for name, unit in SERVERS.items():
        pid, files = before[name]
        assert main_pid(container, unit) not in (pid, "0")
        assert set(files) - {file for file in files if file.endswith(("-wal", "-shm"))} <= set(state(container, name))
    # What the administrator has changed stays; what nobody has changed is new.
    settings = container.run("cat", "/etc/default/aws-servicebroker")
    assert "# An earlier version." in settings and AWS["AWS_ENDPOINT_URL"] in settings
    assert "# An earlier version." not in container.run("cat", "/etc/default/service-catalog-local")


def test_removal_stops_the_service_and_keeps_settings_and_records(container):
    for name, unit in SERVERS.items():
        container.run("dpkg", "--remove", name)
        assert container.run("systemctl", "is-active", unit, check=False).strip() == "inactive"
        assert state(container, name)
        container.run("test", "-f", f"/etc/default/{unit}")
    assert container.get("http://127.0.0.1:3199/readyz") == ""


def test_what_was_removed_goes_on_when_it_is_installed_again(container):
    container.run("dpkg", "--force-confold", "--install", "/packages/aws-servicebroker.deb")
    container.run("systemctl", "start", "aws-servicebroker")
    wait_for(container, "aws-servicebroker", "http://127.0.0.1:3199/readyz", "ok")
    assert AWS["AWS_ENDPOINT_URL"] in container.run("cat", "/etc/default/aws-servicebroker")


def test_a_purge_removes_settings_and_user_and_puts_the_records_aside(container):
    for name, unit in SERVERS.items():
        files = state(container, name)
        said = container.run("dpkg", "--purge", name)
        (backup,) = re.findall(rf"is in (/var/backups/{name}-\S+)\.", said)
        kept = container.run("ls", "-A", f"{backup}/{name}").split()
        assert {file for file in files if not file.endswith(("-wal", "-shm"))} <= set(kept)
        assert container.run("stat", "--format=%U:%G %a", backup).strip() == "root:root 700"
        assert state(container, name) == []
        assert "no such user" in container.run("id", name, check=False)
        assert "No such file" in container.run("ls", f"/etc/default/{unit}", check=False)
        assert container.run("systemctl", "is-enabled", unit, check=False).strip() != "enabled"


def test_a_purge_of_what_never_ran_leaves_nothing(container):
    container.run("dpkg", "--install", "/packages/service-catalog.deb")
    assert "backups" not in container.run("dpkg", "--purge", "service-catalog")
    for name in ("svcat", "s3-demo"):
        container.run("dpkg", "--purge", name)
        assert "No such file" in container.run("ls", f"/usr/bin/{name}", check=False)


def test_the_same_packages_install_on_debian_trixie(as_root, release, tmp_path):
    """Its libraries are newer, and have other names."""
    root = copy_of(made("trixie"), tmp_path / "root")
    for name in NAMES:
        shutil.copy(release.package(name, native()), root / f"{name}.deb")
    with Container(root, tmp_path / "console.log") as container:
        container.run("dpkg", "--install", *(f"/{name}.deb" for name in NAMES))
        for name in NAMES:
            assert container.run(name, "--version").startswith(f"{name} {release.version.semver} ")
        container.run("systemctl", "start", "service-catalog-local")
        wait_for(container, "service-catalog-local", "https://127.0.0.1:6443/readyz", "ok")
