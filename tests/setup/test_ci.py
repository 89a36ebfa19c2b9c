""".ci/run: what it says at the end."""

import pytest

SAYS = 'echo "make $*"; [ "$1" != test-cluster ] || echo "{line}"; [ "$1" != "$FAILS" ]'


@pytest.fixture
def run(machine):
    def run(line: str = "", fails: str = ""):
        machine.program("make", SAYS.replace("{line}", line))
        machine.environment["FAILS"] = fails
        return machine.run("../.ci/run")

    return run


def test_all_of_it_holds(run):
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("All of it holds, in ")


def test_what_was_not_run_is_said_last(run):
    done = run("NOT RUN: make test-node, which takes root")
    assert done.returncode == 0, done.stderr
    end = done.stdout.splitlines()[-2:]
    assert end[0].startswith("What ran holds, in ")
    assert end[1] == "NOT RUN: make test-node, which takes root"
    assert "All of it holds" not in done.stdout


def test_the_first_failure_ends_it(run):
    done = run(fails="test")
    assert done.returncode != 0
    assert "make test\n" in done.stdout
    assert "make site" not in done.stdout
    assert "holds" not in done.stdout
