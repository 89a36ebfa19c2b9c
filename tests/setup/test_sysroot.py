"""sysroot.sh where a package cannot be unpacked."""

import pytest

APT = """
case "$*" in
  *--print-uris*) printf "'http://debian.example/%s.deb' %s.deb 1 SHA256:0\\n" one one two two ;;
  *indextargets*) echo "http://debian.example bookworm main Debian" ;;
esac
"""


@pytest.fixture
def debian(machine):
    """A machine whose apt has two packages; what dpkg-deb does for one of them is the test's."""
    machine.program("apt-get", APT)
    machine.program("dpkg-deb", "")
    machine.program("wc", "echo 2")
    machine.program("tar", "cat >/dev/null")
    machine.environment["OFFLINE"] = "1"
    return machine


@pytest.mark.parametrize("fails", ["--extract", "--field"])
def test_a_package_that_cannot_be_unpacked_leaves_no_folder_that_is_taken_later(debian, fails):
    debian.program("dpkg-deb", f'case "$*" in {fails}*/two.deb*) echo "dpkg-deb: two.deb is broken" >&2; exit 2 ;; esac; touch "$HOME/unpacked"')
    for _ in range(2):
        done = debian.run("sysroot.sh", "arm64")
        assert done.returncode != 0
        assert done.stdout == ""
        assert "dpkg-deb: two.deb is broken" in done.stderr
        assert "could not be unpacked" in done.stderr
        assert (debian.folder / "unpacked").exists()
        assert not [path for path in (debian.folder / "cache/chandlery").glob("sysroot-*") if path.suffix != ".new"]


def test_packages_without_a_compiler_library_are_refused(debian):
    done = debian.run("sysroot.sh", "arm64")
    assert done.returncode != 0
    assert "have no libgcc.a" in done.stderr
    assert done.stdout == ""
