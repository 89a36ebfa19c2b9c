"""Every command of the README and of the tutorial for one machine, as a reader would type it, in the set-up of `make run`; and that set-up across restarts."""

import os
import re
import signal
import subprocess
from pathlib import Path

import documents
import pytest
from chandlery_dev.processes import REPOSITORY, wait_until

pytestmark = pytest.mark.local
README, TUTORIAL = (REPOSITORY / name for name in documents.RUN_BY_A_TEST)
CONTINUOUS_INTEGRATION = (REPOSITORY / ".ci/run").read_text()


class Run:
    """`make run` in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.log = folder / "run.log"

    def start(self) -> dict[str, str]:
        """The variables that it tells a second terminal to export."""
        data_dir = self.folder / "data"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                ["make", "--no-print-directory", "run", f"DATA_DIR={data_dir}"],
                cwd=REPOSITORY, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal, wherever the tests run
            )  # fmt: skip
        wait_until("make run being ready", lambda: "Ctrl-C ends it" in self.output(), 180)
        exports = re.findall(r"^ *export (\w+)=(.*)$", self.output(), re.M)
        return {name: os.path.expandvars(value.strip('"')) for name, value in exports}

    def output(self) -> str:
        assert self.process.poll() is None or self.process.returncode == 0, self.log.read_text()
        return self.log.read_text()

    def interrupt(self) -> None:
        """Ctrl-C at the terminal: every process of the foreground group gets it."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)

    def left_behind(self) -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.folder) in command:
                found.append(command)
        return found


@pytest.fixture
def make_run(tmp_path):
    run = Run(tmp_path)
    yield run
    if run.process.poll() is None:
        run.interrupt()


def test_make_commands_of_the_readme_are_run_somewhere():
    made = {command.split()[1] for command in documents.command_lines(README) if command.startswith("make ")}
    assert made == {"demo", "test", "run"}
    assert "make demo" in CONTINUOUS_INTEGRATION
    assert "make test" in CONTINUOUS_INTEGRATION  # which runs this file, and so make run


def typed_in_the_second_terminal(page: Path) -> list[str]:
    return [script for script in documents.scripts(page) if not script.startswith("make ")]


class Terminal:
    def __init__(self, environment: dict[str, str]):
        self.environment = {**os.environ, **environment}

    def type(self, script: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=REPOSITORY, env=self.environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, f"{script}: {done.stderr}"
        return done.stdout


def test_the_commands_of_the_readme_work_and_what_they_make_survives_a_restart(make_run):
    shell = Terminal(make_run.start()).type

    typed = typed_in_the_second_terminal(README)
    assert any("samples/s3-demo/instance.yaml" in script for script in typed)
    for script in typed:
        shell(script)
    assert "s3-demo" not in shell("kubectl get namespaces -o name"), "it deletes everything that it created"
    shell("kubectl apply -f samples/s3-demo/namespace.yaml -f samples/s3-demo/instance.yaml")
    shell("kubectl wait --for=condition=Ready --timeout=120s -n s3-demo serviceinstance/s3-bucket")
    before = shell("kubectl get serviceinstance/s3-bucket -n s3-demo -o jsonpath={.spec.externalID}")

    make_run.interrupt()
    assert make_run.process.returncode == -signal.SIGINT, make_run.log.read_text()
    wait_until("every process being gone", lambda: not make_run.left_behind(), 20)
    shell = Terminal(make_run.start()).type
    assert shell("kubectl get serviceinstance/s3-bucket -n s3-demo -o jsonpath={.spec.externalID}") == before
    for script in typed:
        shell(script)
    make_run.interrupt()
    wait_until("every process being gone", lambda: not make_run.left_behind(), 20)


def test_the_tutorial_for_one_machine_works_and_its_application_tells_of_success(make_run):
    terminal = Terminal(make_run.start())
    told = "".join(terminal.type(script) for script in typed_in_the_second_terminal(TUTORIAL))
    assert '"success":true' in re.sub(r"\s", "", told)
    left = terminal.type("kubectl get serviceinstances,servicebindings,secrets -A -o name")
    assert "s3-demo" not in left and "s3-b" not in left
