"""`make run`'s program: one at a time on a folder, beside others on other folders, and not with a part of it dead."""

import hashlib
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from chandlery_dev.supervise import descendants_of
from run import Run

pytestmark = pytest.mark.local


def identity(folder: Path) -> dict[str, str]:
    """What a second one must not touch: keys, tokens, certificates, kubeconfig, settings."""
    files = [*folder.glob("*.crt"), *folder.glob("*.key"), folder / "kubeconfig", folder / "settings.json", folder / "run.lock"]
    files += [file for file in (folder / "control-plane").iterdir() if "state.db" not in file.name and file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_second_one_on_the_same_folder_touches_nothing_of_the_first(start, tmp_path):
    folder = tmp_path / "data"
    first = start("run", "--data-dir", folder)
    wait_until("the first being up", first.is_up, 60)
    before = identity(folder)

    second = start("run", "--data-dir", folder)
    assert second.process.wait(30) == 1
    assert f"in use by another `make run` (process {first.process.pid})" in second.said()
    assert "export KUBECONFIG" not in second.said()
    assert identity(folder) == before

    kubectl = ["kubectl", "--kubeconfig", str(folder / "kubeconfig"), "get", "clusterservicebroker"]
    assert "Ready" in subprocess.run(kubectl, capture_output=True, text=True, timeout=30, check=True).stdout

    # Another folder, and the demo, are no trouble.
    other = start("run", "--data-dir", tmp_path / "other")
    wait_until("the other being up", other.is_up, 60)
    assert other.stop() == 0

    # However the first ends, nobody has to remove a lock by hand.
    children = descendants_of(first.process.pid)
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until("what it started having ended", lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 30)
    third = start("run", "--data-dir", folder)
    wait_until("the third being up", third.is_up, 60)


PARTS = {"the AWS emulator": "hypercorn", "aws-servicebroker": "aws-servicebroker --address", "service-catalog local": "service-catalog local"}


def open_ports(run: Run) -> list[int]:
    ports = [int(port) for port in re.findall(r"https?://127.0.0.1:(\d+)$", run.said().split("In another terminal")[0], re.M)]
    assert len(ports) == 3
    return [port for port in ports if accepts(port)]


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_dies_is_named_and_started_again_and_the_third_death_ends_everything(start, tmp_path, part):
    run = start("run", "--data-dir", tmp_path / "data")
    wait_until("its being up", run.is_up, 60)
    started = descendants_of(run.process.pid)
    for times, number in ((1, signal.SIGABRT), (2, signal.SIGKILL)):
        os.kill(run.child(PARTS[part]), number)
        wait_until("its running again", lambda n=times: run.said().count("is running again") == n, 60)
        (line,) = [one for one in run.said().splitlines() if number.name in one]
        assert line.startswith(f"{part} has ended by signal {number.name}; its log is {tmp_path}/data/")
        assert f"started again in {times} s" in line
        assert run.process.poll() is None
        assert len(open_ports(run)) == 3
        kubectl = ["kubectl", "--kubeconfig", str(tmp_path / "data/kubeconfig"), "get", "clusterservicebroker"]
        assert "Ready" in subprocess.run(kubectl, capture_output=True, text=True, timeout=30, check=True).stdout
    started += descendants_of(run.process.pid)
    os.kill(run.child(PARTS[part]), signal.SIGSEGV)
    assert run.process.wait(60) == 1
    after = run.said().split("is running again")[-1].strip()
    assert re.fullmatch(rf"FAILED: {part} has ended by signal SIGSEGV; its log is \S+; it was the third time within 10 minutes", after)
    assert "Traceback" not in run.said()
    assert is_gone(started) and open_ports(run) == []


def test_a_part_that_ends_in_peace_is_started_again_too_and_no_other_is_blamed(start, tmp_path):
    run = start("run", "--data-dir", tmp_path / "data")
    wait_until("its being up", run.is_up, 60)
    os.kill(run.child(PARTS["aws-servicebroker"]), signal.SIGTERM)
    wait_until("its running again", lambda: "is running again" in run.said(), 60)
    assert run.said().count("has ended") == 1
    assert "aws-servicebroker has ended with status 0; its log is" in run.said()


def test_a_part_that_dies_while_it_starts_is_named_and_nothing_else(start, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "broker").write_text("this is no folder")
    run = start("run", "--data-dir", folder)
    assert run.process.wait(90) == 1
    first, second, last = [line for line in run.said().splitlines() if line]
    end = f"aws-servicebroker has ended with status 2; its log is {folder}/broker.log"
    assert (first, second) == (f"{end}; it is started again in 1 s", f"{end}; it is started again in 2 s")
    assert last == f"FAILED: {end}; it was the third time within 10 minutes"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
def test_nothing_stays_however_it_is_ended_and_the_next_one_starts_at_once(start, tmp_path, number):
    folder = tmp_path / "data"
    first = start("run", "--data-dir", folder)
    wait_until("its being up", first.is_up, 60)
    started = descendants_of(first.process.pid)
    first.stop(number)
    if number != signal.SIGKILL:
        assert first.process.returncode == 0
        assert is_gone(started) and open_ports(first) == []
        assert not (folder / "emulator-tmp").exists()
    second = start("run", "--data-dir", folder)
    wait_until("the second being up", second.is_up, 90)
    assert is_gone(started)
    assert second.exports() == first.exports()


def test_a_supervisor_that_is_killed_takes_its_program_along(start, tmp_path):
    run = start("run", "--data-dir", tmp_path / "data")
    wait_until("its being up", run.is_up, 60)
    program = run.child(PARTS["aws-servicebroker"])
    os.kill(int(Path(f"/proc/{program}/stat").read_text().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
    wait_until("its running again", lambda: "is running again" in run.said(), 60)
    wait_until("the old one having ended", lambda: is_gone([program]), 10)
    assert "aws-servicebroker has ended by signal SIGKILL" in run.said()


def test_a_second_signal_does_not_break_the_end_that_the_first_began(start, tmp_path):
    run = start("run", "--data-dir", tmp_path / "data")
    wait_until("its being up", run.is_up, 60)
    started = descendants_of(run.process.pid)
    control_plane = run.child(PARTS["service-catalog local"])
    os.kill(run.process.pid, signal.SIGINT)
    wait_until("its beginning to end", lambda: is_gone([control_plane]), 30)
    assert run.stop(signal.SIGINT) == 0
    assert "Traceback" not in run.said()
    assert is_gone(started)


def test_a_terminal_that_is_closed_ends_it(tmp_path):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(REPOSITORY)
        os.environ["PYTHONPATH"] = str(REPOSITORY / "scripts")
        os.environ.pop("PYTHONUNBUFFERED", None)
        os.execv(sys.executable, [sys.executable, "-m", "chandlery_dev", "run", "--data-dir", str(tmp_path / "data")])
    said = b""
    while b"Ctrl-C ends it" not in said:
        said += os.read(terminal, 4096)
    started = descendants_of(pid)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert is_gone(started)


def test_it_ends_with_the_make_that_started_it(tmp_path):
    log = tmp_path / "log"
    with open(log, "wb") as output:
        make = subprocess.Popen(
            ["make", "--no-print-directory", "run", f"DATA_DIR={tmp_path}/data"], cwd=REPOSITORY, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until("its being up", lambda: "Ctrl-C ends it" in log.read_text(), 180)
        started = descendants_of(make.pid)
    finally:
        make.kill()
        make.wait(10)
    wait_until("what it started having ended", lambda: is_gone(started), 30)


def test_a_pipe_that_nobody_reads_ends_it_quietly(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts")}
    command = [sys.executable, "-m", "chandlery_dev", "run", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        assert run.wait(90) == 128 + signal.SIGPIPE
        assert run.stderr.read() == b""


def test_a_taken_port_or_a_file_in_the_way_is_told_at_once(start, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (folder / "settings.json").write_text(f'{{"broker_port": {port}}}')
        run = start("run", "--data-dir", folder)
        began = time.monotonic()
        assert run.process.wait(30) == 1
        assert time.monotonic() - began < 10
    assert f"port {port} of aws-servicebroker is taken by {Path('/proc/self/comm').read_text().strip()} (process {os.getpid()})" in run.said()
    assert "export" not in run.said()

    (tmp_path / "file").write_text("")
    run = start("run", "--data-dir", tmp_path / "file")
    assert run.process.wait(30) == 1
    assert "is a file" in run.said()
    assert "Traceback" not in run.said()
