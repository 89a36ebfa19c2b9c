"""Steps say what they do and how long it took, and show the end of what failed. While nothing happens, ticks say that it goes on."""

import os
import re
import signal
import subprocess
import sys

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until


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


@pytest.mark.parametrize("called", ['step "Doing it" work', 'step "Doing it" work || exit 3', 'if step "Doing it" work; then exit 0; else exit 3; fi'])
def test_a_function_ends_at_the_first_command_that_fails(tmp_path, called):
    script = f'set -euo pipefail; . "$0/scripts/progress.sh"; work() {{ echo begun; false | cat; echo went on; }}; {called}'
    done = subprocess.run(
        ["bash", "-c", script, REPOSITORY], env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == (3 if "3" in called else 1)
    assert "begun" in done.stderr
    assert "went on" not in done.stderr
    assert "FAILED after" in done.stderr


def test_a_function_reads_the_input_of_its_step_and_can_be_interrupted(tmp_path):
    script = '. "$0/scripts/progress.sh"; work() { grep SigIgn /proc/self/status; read -r line; echo "read $line"; exit 4; }; step "Doing it" work <<<"a line"'
    done = subprocess.run(
        ["bash", "-c", script, REPOSITORY], env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 4
    assert "read a line" in done.stderr
    (ignored,) = re.findall(r"SigIgn:\s*(\w+)", done.stderr)
    assert not int(ignored, 16) & 1 << signal.SIGINT - 1


def test_of_a_build_the_first_failed_compilation_is_shown(tmp_path):
    ninja = "seq 100; echo 'FAILED: a.o'; echo 'a.cpp:1: error: no'; seq 200 260; exit 1"
    lines = step(tmp_path, "bash", "-c", ninja).stderr.splitlines()
    assert lines[1:3] == ["FAILED: a.o", "a.cpp:1: error: no"]


def test_what_the_command_leaves_running_does_not_hold_the_step_up(tmp_path):
    done = step(tmp_path, "bash", "-c", "sleep 20 & echo started")
    assert done.returncode == 0
    assert "done in 0 s" in done.stderr or "done in 1 s" in done.stderr


@pytest.fixture
def slowly(tmp_path):
    """A command that prints a line, then nothing until four lines say that it goes on, at most for 20 seconds."""
    ticks = tmp_path / "ticks"
    ticks.touch()
    script = tmp_path / "slow"
    script.write_text(
        f'#!/bin/bash\necho half of it\nfor _ in $(seq 200); do [ "$(grep -c " s" {ticks})" -lt 4 ] || break; sleep 0.1; done\nexit "${{1:-0}}"\n'
    )
    script.chmod(0o755)
    return script, ticks


def run_into(ticks, *command, **variables):
    """The command's exit status; what it prints goes into the file `ticks`."""
    environment = {name: value for name, value in os.environ.items() if name != "CHANDLERY_TICKING"}
    with open(ticks, "wb") as file:
        return subprocess.run(command, stdout=file, stderr=file, env=environment | {"TICK_SECONDS": "0.2"} | variables, timeout=30, check=False).returncode


def test_a_step_that_takes_long_says_so_and_how_far_it_is(slowly, tmp_path):
    script, ticks = slowly
    status = run_into(ticks, "bash", "-c", f'. "{REPOSITORY}/scripts/progress.sh"; step "Doing it" "$0"', script)
    first, *middle, last = ticks.read_text().splitlines()
    assert (status, first) == (0, "Doing it")
    assert len(middle) >= 4
    assert all(re.fullmatch(r"  … \d+ s: (half of it)?", line) for line in middle)
    assert middle[-1].endswith(": half of it")
    assert re.fullmatch(r"  done in \d+ s", last)


def test_a_step_in_python_ticks_too(slowly):
    script, ticks = slowly
    code = "import subprocess, sys; from chandlery_dev.tools import step\nwith step('Fetching'): subprocess.run(sys.argv[1], stdout=subprocess.DEVNULL)"
    assert run_into(ticks, sys.executable, "-c", code, script, PYTHONPATH=str(REPOSITORY / "scripts")) == 0
    first, *middle, last = ticks.read_text().splitlines()
    assert first == "Fetching"
    assert len(middle) >= 4
    assert all(re.fullmatch(r"  … \d+ s", line) for line in middle)
    assert last.startswith("  done in ")


TICKING = REPOSITORY / "scripts/ticking.py"


def test_a_silent_command_ticks_and_its_output_and_status_are_kept(slowly):
    script, ticks = slowly
    assert run_into(ticks, TICKING, script, "3") == 3
    lines = ticks.read_text().splitlines()
    lines.remove("half of it")
    assert len(lines) >= 4
    assert all(re.fullmatch(r"  … \d+ s", line) for line in lines)


def test_a_ticking_command_inside_another_does_not_tick_twice(tmp_path):
    output = tmp_path / "output"
    assert run_into(output, TICKING, TICKING, "bash", "-c", "cat /proc/$PPID/cmdline; exit 4") == 4
    # The inner one has become the command: what has started the command is the outer one.
    assert output.read_text().count("ticking.py") == 2


def test_what_a_ticking_command_leaves_running_does_not_hold_it_up(tmp_path):
    done = tmp_path / "output"
    assert run_into(done, TICKING, "bash", "-c", "sleep 25 & echo over") == 0
    assert "over" in done.read_text().splitlines()


def test_one_that_is_killed_is_reported_as_a_shell_does(tmp_path):
    assert run_into(tmp_path / "output", TICKING, "bash", "-c", "kill -KILL $$") == 137


def test_a_lock_that_another_process_holds_is_waited_for_with_ticks(slowly, tmp_path):
    script, ticks = slowly
    held = f'exec 9>"{tmp_path}/lock"; flock 9; "{script}" >/dev/null & exec 9>&-'
    taken = f'. "{REPOSITORY}/scripts/progress.sh"; lock "{tmp_path}/lock" "the folder"'
    assert run_into(ticks, "bash", "-euc", f"{held}; {taken}") == 0
    first, *middle, last = ticks.read_text().splitlines()
    assert first == "Waiting for another process: the folder"
    assert len(middle) >= 4
    assert last.startswith("  done in ")


def test_a_command_is_asked_to_end_when_what_ticks_for_it_is_killed(tmp_path):
    ended = tmp_path / "ended"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f"trap 'touch {ended}; exit' TERM; echo ready; read -r _ <>{fifo}"
    environment = {name: value for name, value in os.environ.items() if name != "CHANDLERY_TICKING"}
    with subprocess.Popen([TICKING, "bash", "-c", script], stdout=subprocess.PIPE, text=True, env=environment) as ticking:
        assert ticking.stdout is not None
        assert ticking.stdout.readline() == "ready\n"
        ticking.kill()
    wait_until("the command's end", ended.exists, 20)
