"""venv.sh and build.sh where they cannot do their work, and what venv.sh removes."""

import os


def test_an_old_python_is_named_with_what_to_do(machine):
    machine.program("python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    machine.environment["PYTHON_OF_DEBIAN"] = str(machine.bin / "python3")
    done = machine.run("venv.sh", "run")
    assert done.returncode == 1
    (line,) = (done.stdout + done.stderr).splitlines()
    assert line == "Python 3.11 or later with venv is needed (found: Python 3.9.2). On Debian bookworm: apt-get install python3-venv"


def test_an_unknown_level_is_refused(machine):
    done = machine.run("venv.sh", "everything")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "venv.sh: there is no level everything (run, test, lint, site)\n"


def test_a_full_disk_is_told_before_the_build_starts(machine):
    machine.program("df", 'echo "Filesystem 1M-blocks Used Available"; echo "/dev/x 100 90 10 90% /"')
    machine.program("cmake", 'echo "$*" >>"$HOME/cmake.log"')
    done = machine.run("build.sh", "release")
    assert (done.returncode, machine.log("cmake.log")) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Only 10 MB are free in ")


def test_environments_that_nobody_has_used_for_a_month_are_removed(machine):
    machine.program("python3", '[ "$2" != venv ] || { mkdir -p "$4/bin"; echo "#!$BASH" >"$4/bin/pip"; chmod +x "$4/bin/pip"; }')
    machine.environment["PYTHON_OF_DEBIAN"] = str(machine.bin / "python3")
    cache = machine.folder / "cache/chandlery"
    old, recent, other = cache / "venv-0123456789ab", cache / "venv-123456789abc", cache / "other"
    for folder in (old, recent, other):
        folder.mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    done = machine.run("venv.sh", "run")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in cache.iterdir() if path.is_dir()) == sorted([recent.name, other.name, done.stdout.strip().rpartition("/")[2]])

    mine = cache / done.stdout.strip().rpartition("/")[2]
    os.utime(mine, (0, 0))
    machine.run("venv.sh", "run")
    assert mine.stat().st_mtime > 0
