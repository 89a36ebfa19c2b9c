"""What `make run` says and does where something is in its way: a full disk, a folder or port in use, a part that dies, an error of its own."""

import errno
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from chandlery_dev import ending, folder_lock, ports, restarts
from chandlery_dev.processes import REPOSITORY, Failure
from chandlery_dev.stack import Settings


def test_a_disk_with_little_space_is_told_before_anything_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(2**30, 2**30 - 2**22, 2**22))
    with pytest.raises(Failure, match=f"only 4 MiB are free in {tmp_path}, and 64 are needed: free some, or take another folder"):
        folder_lock.check_space(tmp_path)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "no space is left in /data/x: free some, or take another folder"),
        (OSError(errno.EROFS, "Read-only file system", "/data/x"), "/data/x cannot be written (Read-only file system): make it writable"),
    ],
)
def test_what_the_disk_refuses_is_one_line_that_says_what_to_do(tmp_path, error, says):
    line = ending.describe(error, tmp_path)
    assert line.startswith(says)
    assert "\n" not in line
    assert list(tmp_path.iterdir()) == []


def test_an_unexpected_error_is_one_line_with_the_file_that_has_the_details(tmp_path):
    try:
        raise ValueError("something\nnobody thought of")
    except ValueError as error:
        line = ending.describe(error, tmp_path)
    (file,) = tmp_path.iterdir()
    assert line == f"ValueError: something nobody thought of. The details are in {file}; please report them"
    assert "Traceback" in file.read_text()


def test_settings_survive_a_disk_that_is_full(monkeypatch, tmp_path):
    settings = Settings(tmp_path / "settings.json")
    assert settings.get("port", lambda: 1) == 1

    def refuse(_path, _text):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", refuse)
        with pytest.raises(OSError, match="No space"):
            settings.get("password", lambda: "secret")
    assert json.loads((tmp_path / "settings.json").read_text()) == {"port": 1}
    assert Settings(tmp_path / "settings.json").get("password", lambda: "another") == "another"
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600


def test_a_port_names_who_listens_on_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=rf"port {port} of the broker is taken by .* \(process {os.getpid()}\): end that one, or remove"):
            ports.check_port(port, "the broker", tmp_path / "settings.json", patience=0)


def test_lasting_ports_are_none_that_outgoing_connections_get():
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert ports.lasting_port() < max(first, 30000)
    assert ports.LASTING.stop <= 32768


def test_a_folder_stays_locked_as_long_as_a_process_of_a_killed_run_lives(tmp_path):
    lock = folder_lock.FolderLock(tmp_path)
    with subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()]) as left:
        # As after kill -9: its holder is gone, what it started is not.
        (tmp_path / "run.lock").write_text(f"{2**22 + 1}\n")
        lock.release()
        with pytest.raises(Failure, match=rf"in use by what a killed `make run` has left \(process {left.pid}\): end it with kill -9"):
            folder_lock.FolderLock(tmp_path, patience=0.3)
        left.kill()
    folder_lock.FolderLock(tmp_path, patience=10).release()


def test_a_pid_that_was_given_again_is_not_taken_for_the_holder(tmp_path):
    lock = folder_lock.FolderLock(tmp_path)
    with subprocess.Popen(["sleep", "60"]) as other:
        with subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()]) as left:
            (tmp_path / "run.lock").write_text(f"{other.pid}\n")
            lock.release()
            with pytest.raises(Failure, match="what a killed `make run` has left"):
                folder_lock.FolderLock(tmp_path, patience=0.3)
            left.kill()
        other.kill()


class FakePart:
    def __init__(self, name: str):
        self.name, self.log, self.end = name, Path(f"/logs/{name}.log"), ""

    def was_killed(self) -> bool:
        return "signal" in self.end

    def how_it_ended(self) -> str:
        return self.end


class FakeStack:
    """Each start is followed by the ends of these parts."""

    def __init__(self, folder: Path, *ends: dict[str, str]):
        self.folder = folder
        self.parts = {name: FakePart(name) for name in ("emulator", "broker", "catalog")}
        self._ends = list(ends)

    def start(self) -> None:
        for part in self.parts.values():
            part.end = ""
        if not self._ends:
            raise KeyboardInterrupt
        for name, end in self._ends.pop(0).items():
            self.parts[name].end = end

    def ended(self) -> list[FakePart]:
        return [part for part in self.parts.values() if part.end]


@pytest.fixture
def kept(monkeypatch, tmp_path, capsys):
    """What is told of a set-up whose parts end so; how long each wait before a start was."""

    def keep(*ends: dict[str, str], at: list[float] | None = None) -> tuple[list[str], str]:
        now = iter(at or [0.0] * 1000)
        monkeypatch.setattr(restarts.time, "sleep", lambda _seconds: None)
        monkeypatch.setattr(restarts.time, "monotonic", lambda: next(now))
        failure = ""
        try:
            restarts.Restarts(FakeStack(tmp_path, *ends)).keep(lambda: None)
        except Failure as ended:
            failure = str(ended)
        except KeyboardInterrupt:
            pass
        return [line for line in capsys.readouterr().out.splitlines() if "running again" not in line], failure

    return keep


def test_the_third_death_of_a_part_within_ten_minutes_is_the_last(kept):
    death = {"broker": "with status 1"}
    lines, failure = kept(death, death, death)
    assert lines == [f"broker has ended with status 1; its log is /logs/broker.log; it is started again in {seconds} s" for seconds in (1, 2)]
    assert failure == "broker has ended with status 1; its log is /logs/broker.log; it was the third time within 10 minutes"
    assert kept(death, death, death, at=[0, 1, 601])[1] == ""
    assert kept(death, {"emulator": "by signal SIGKILL"}, death)[1] == ""


def test_a_part_that_gives_up_because_another_is_gone_is_not_blamed(kept):
    lines, _ = kept({"emulator": "by signal SIGKILL", "broker": "with status 1"})
    assert [line.split(" has ended")[0] for line in lines] == ["emulator"]
    lines, _ = kept({"emulator": "by signal SIGKILL", "broker": "by signal SIGKILL"})
    assert [line.split(" has ended")[0] for line in lines] == ["emulator", "broker"]


def test_a_terminal_that_is_closed_is_no_failure():
    program = "from chandlery_dev import ending; import time\ntry: ending.watch_for_signals(); print('ready', flush=True); time.sleep(60)\nexcept ending.Interrupted: ending.say('over')"
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PYTHONPATH"] = str(REPOSITORY / "scripts")
        os.environ.pop("PYTHONUNBUFFERED", None)
        os.execv(sys.executable, [sys.executable, "-c", program])
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_an_old_python_is_told_in_one_line(tmp_path):
    program = "import sys; sys.version_info = (3, 9, 2); sys.version = '3.9.2 (main)'; import chandlery_dev"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Python 3.11 or later is needed (found: 3.9.2)")
