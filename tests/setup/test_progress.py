"""Steps say what they do and how long it took, and show the end of what failed."""

import re
import subprocess

from chandlery_dev.processes import REPOSITORY


def step(folder, *command: str) -> subprocess.CompletedProcess:
    script = '. "$0/scripts/progress.sh"; step "Doing it" "$@"; status=$?; ls "$TMPDIR"; exit $status'
    return subprocess.run(
        ["bash", "-c", script, REPOSITORY, *command], env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}, capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip


def test_a_step_that_works_is_two_lines_and_leaves_no_log(tmp_path):
    done = step(tmp_path, "echo", "much output")
    assert (done.returncode, done.stdout) == (0, "")
    assert re.fullmatch(r"Doing it\n  done in \d+ s\n", done.stderr)


def test_a_step_that_fails_shows_the_end_of_its_output_and_keeps_the_log(tmp_path):
    done = step(tmp_path, "bash", "-c", "seq 1000; echo the reason >&2; exit 3")
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert lines[0] == "Doing it"
    assert lines[-2] == "the reason"
    assert len(lines) < 30
    (log,) = tmp_path.iterdir()
    assert re.fullmatch(rf"FAILED after \d+ s: Doing it \(the whole output is in {log}\)", lines[-1])


def test_of_a_build_the_first_failed_compilation_is_shown(tmp_path):
    ninja = "seq 100; echo 'FAILED: a.o'; echo 'a.cpp:1: error: no'; seq 200 260; exit 1"
    lines = step(tmp_path, "bash", "-c", ninja).stderr.splitlines()
    assert lines[1:3] == ["FAILED: a.o", "a.cpp:1: error: no"]


def test_what_the_command_leaves_running_does_not_hold_the_step_up(tmp_path):
    done = step(tmp_path, "bash", "-c", "sleep 20 & echo started")
    assert done.returncode == 0
    assert "done in 0 s" in done.stderr or "done in 1 s" in done.stderr
