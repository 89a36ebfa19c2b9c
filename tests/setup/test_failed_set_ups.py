"""What is shown and ended when a set-up does not start."""

import contextlib
import importlib.util
import subprocess

import pytest
from chandlery_dev import __main__ as commands
from chandlery_dev.processes import REPOSITORY, Failure, Process
from chandlery_dev.stack import LocalControlPlane


@pytest.mark.parametrize("error", [Failure("not as it must be"), subprocess.TimeoutExpired("kubectl", 180), KeyError("status")])
def test_a_failed_demo_shows_the_logs_whatever_failed(monkeypatch, capsys, tmp_path, error):
    (tmp_path / "broker.log").write_text("the reason\n")

    class FakeStack:
        control_plane = None
        broker = Process("the broker", [], tmp_path / "broker.log")

        class emulator:
            start = staticmethod(lambda: None)

        def __init__(self, _folder):
            pass

        def stop(self):
            pass

    class FakeWalkthrough:
        def __init__(self, _stack):
            pass

        def run(self):
            raise error

    monkeypatch.setattr(commands, "passing_folder", lambda: contextlib.nullcontext(tmp_path))
    monkeypatch.setattr(commands, "Stack", FakeStack)
    monkeypatch.setattr(commands, "Walkthrough", FakeWalkthrough)
    with pytest.raises(type(error)):
        commands.demo()
    assert "The end of broker.log:\nthe reason" in capsys.readouterr().err


def test_a_container_that_does_not_start_is_ended(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("debian_system", REPOSITORY / "tests/release/debian_system.py")
    assert spec and spec.loader
    debian_system = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(debian_system)
    started = []
    popen = subprocess.Popen

    def start(_command, **options):
        started.append(popen(["sleep", "60"], **options))
        return started[0]

    def fail(*_):
        raise Failure("systemd did not start")

    monkeypatch.setattr(debian_system.subprocess, "Popen", start)
    monkeypatch.setattr(debian_system, "wait_until", fail)
    with pytest.raises(Failure), debian_system.Container(tmp_path, tmp_path / "log"):
        pass
    assert started[0].poll() is not None


def test_a_control_plane_without_controllers_has_them_at_its_next_start(monkeypatch, tmp_path):
    (tmp_path / "aws-servicebroker").touch()
    monkeypatch.setenv("CHANDLERY_BIN_DIR", str(tmp_path))
    commands_started = []
    monkeypatch.setattr(Process, "start", lambda self: commands_started.append(self.command))
    monkeypatch.setattr(LocalControlPlane, "_is_ready", lambda _self: True)
    control_plane = LocalControlPlane(tmp_path / "control-plane", tmp_path / "kubeconfig", 1)
    for controllers in (False, False, True):
        control_plane.start(controllers)
    assert ["--no-controllers" in command for command in commands_started] == [True, True, False]
    assert len(commands_started[1]) == len(commands_started[0])
