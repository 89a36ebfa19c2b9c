"""install-packages.sh on machines that are not as it would like them: one line each, which says what to do."""

import pytest

NOTHING_INSTALLED = "exit 1"
AS_ROOT = 'echo 0; [ "$1" = -u ]'
AS_USER = 'echo 1000; [ "$1" = -u ]'
APT = 'echo "$*" >>"$HOME/apt.log"'


@pytest.fixture
def bare(machine):
    """Nothing is installed, apt works, and the user is root."""
    machine.program("dpkg-query", NOTHING_INSTALLED)
    machine.program("apt-get", APT)
    machine.program("id", AS_ROOT)
    return machine


def only_line(done) -> str:
    assert done.returncode == 1, done
    (line,) = (done.stdout + done.stderr).splitlines()
    return line


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ('PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n', "Ubuntu 24.04.1 LTS"),
        ('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_CODENAME=trixie\n', "Debian GNU/Linux 13 (trixie)"),
        ('PRETTY_NAME="Fedora Linux 42"\nID=fedora\nVERSION_CODENAME=""\n', "Fedora Linux 42"),
    ],
)
def test_another_system_is_told_what_is_supported_before_anything_happens(bare, release, name):
    bare.debian(release)
    line = only_line(bare.run("install-packages.sh"))
    assert line.startswith(f"This is {name}. Chandlery is built on Debian 12 (bookworm)")
    assert ".devcontainer" in line
    assert bare.log("apt.log") == ""


def test_a_system_without_os_release_is_named_by_its_kernel(bare):
    bare.environment["OS_RELEASE"] = "/nowhere"
    bare.program("uname", 'if [ "$1" = -s ]; then echo Darwin; else echo arm64; fi')
    assert only_line(bare.run("install-packages.sh")).startswith("This is Darwin. ")


def test_a_derivative_of_bookworm_is_taken(bare):
    bare.debian('PRETTY_NAME="Raspberry Pi OS"\nID=raspbian\nID_LIKE="debian raspbian"\nVERSION_CODENAME=bookworm\n')
    assert bare.run("install-packages.sh").returncode == 0


def test_a_processor_that_nothing_is_built_for_is_named(bare):
    bare.program("uname", 'if [ "$1" = -m ]; then echo riscv64; else echo Linux; fi')
    assert only_line(bare.run("install-packages.sh")) == "This machine is riscv64. Chandlery is built for x86-64 and arm64."


def test_without_sudo_the_command_for_root_is_printed(bare):
    bare.program("id", AS_USER)
    line = only_line(bare.run("install-packages.sh"))
    assert "there is no sudo" in line
    assert "apt-get update && apt-get install -y --no-install-recommends" in line
    assert "clang-19" in line


def test_a_sudo_that_asks_for_a_password_is_not_waited_for_without_a_terminal(bare):
    bare.program("id", AS_USER)
    bare.program("sudo", 'echo "sudo: a password is required" >&2; exit 1')
    line = only_line(bare.run("install-packages.sh", "build", "run"))
    assert "sudo asks for a password" in line
    assert line.endswith("scripts/install-packages.sh build run")


def test_nothing_is_said_or_done_when_nothing_is_missing(bare):
    bare.program("dpkg-query", 'shift 3; printf "%s installed\\n" "$@"')
    done = bare.run("install-packages.sh", "build", "test")
    assert (done.returncode, done.stdout, done.stderr, bare.log("apt.log")) == (0, "", "", "")


def test_only_what_is_missing_of_the_level_is_installed(bare):
    bare.program("dpkg-query", 'shift 3; for name in "$@"; do [ "$name" = buildah ] && echo "$name not-installed" || echo "$name installed"; done')
    done = bare.run("install-packages.sh", "build", "images")
    assert done.returncode == 0, done.stderr
    assert "Installing 1 Debian packages and what they need: buildah" in done.stderr
    assert bare.log("apt.log").splitlines()[-1].split()[-3:] == ["-y", "--no-install-recommends", "buildah"]


def test_what_building_needs_is_less_than_what_tests_need(bare):
    bare.run("install-packages.sh", "build")
    build = bare.log("apt.log").splitlines()[-1]
    assert "clang-19" in build
    for name in ("libgtest-dev", "clang-tidy-19", "buildah", "containerd", "wrk"):
        assert name not in build


LOCKED = """
echo "$*" >>"$HOME/apt.log"
if [ "$(grep -c update "$HOME/apt.log")" -lt 3 ]; then
  echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (packagekitd)"
  echo "E: Unable to lock directory /var/lib/apt/lists/"
  exit 100
fi
"""


def test_another_program_that_installs_packages_is_waited_for(bare):
    bare.program("apt-get", LOCKED)
    bare.environment["APT_RETRY_SECONDS"] = "0.1"
    done = bare.run("install-packages.sh")
    assert done.returncode == 0, done.stderr
    assert bare.log("apt.log").count(" update") == 3


def test_it_is_not_waited_for_without_end_and_the_reason_is_shown(bare):
    bare.program("apt-get", LOCKED)
    bare.environment |= {"APT_RETRY_SECONDS": "0.1", "APT_WAIT_SECONDS": "0"}
    done = bare.run("install-packages.sh")
    assert done.returncode == 1
    assert "held by process 4711 (packagekitd)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("apt-get update failed")


def test_what_apt_says_of_a_failure_is_shown(bare):
    bare.program("apt-get", 'echo "E: Failed to fetch it: no route to host"; exit 100')
    done = bare.run("install-packages.sh")
    assert done.returncode == 1
    assert "E: Failed to fetch it: no route to host" in done.stderr


def test_an_unknown_level_is_refused(bare):
    assert only_line(bare.run("install-packages.sh", "everything")).startswith("install-packages.sh: there is no level everything")
