"""What the shell that starts `make demo` or `make run` has set does not lead what they start elsewhere: proxies, and settings of AWS."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from chandlery_dev.processes import REPOSITORY


def python(program: str, **variables: str) -> str:
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**cleaned, "PYTHONPATH": str(REPOSITORY / "scripts"), **variables}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server():
    """Answers 200 to every GET."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def dead_proxy():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # nobody listens on it
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        yield dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), url)


def test_this_machine_is_reached_without_the_proxy(server, dead_proxy):
    program = f"from chandlery_dev.processes import answers_ok; print(answers_ok({server!r}))"
    assert python(program, **dead_proxy) == "True\n"


def test_what_is_started_reaches_it_too(server, dead_proxy):
    program = f"""
import subprocess
from pathlib import Path
from chandlery_dev.processes import Process
process = Process("curl", ["curl"], Path("/dev/null"))
print(subprocess.run(["curl", "--silent", "--fail", {server!r}], env=process.env, check=False).returncode)
"""
    assert python(program, **dead_proxy) == "0\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "internal.example, 10.0.0.0/8"}, "internal.example,10.0.0.0/8,127.0.0.1,localhost"),
        ({"no_proxy": "internal.example,localhost"}, "internal.example,localhost,127.0.0.1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_the_exceptions_from_the_proxy_are_kept(given, told):
    program = "import os, chandlery_dev; print(os.environ['NO_PROXY'], os.environ['no_proxy'], sep='\\n')"
    assert python(program, **given).splitlines() == [told, told]


OF_THE_SHELL = {
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "token",
    "AWS_ENDPOINT_URL": "https://aws.example",
    "AWS_ENDPOINT_URL_CLOUDFORMATION": "https://aws.example",
    "AWS_CA_BUNDLE": "/ca.crt",
}


@pytest.mark.parametrize("of", ["stack.emulator.process.env", "stack.environment()", "Process('broker', [], folder / 'log', stack.emulator.environment()).env"])
def test_settings_of_aws_are_those_of_the_emulator_only(tmp_path, of):
    (tmp_path / "aws-servicebroker").touch()
    program = f"""
import json
from pathlib import Path
from chandlery_dev.processes import Process
from chandlery_dev.stack import Stack
folder = Path({str(tmp_path)!r})
stack = Stack(folder)
aws = {{name: value for name, value in {of}.items() if name.startswith("AWS_")}}
print(json.dumps([aws, stack.emulator.environment(), stack.emulator.client("s3").meta.endpoint_url, stack.emulator.url]))
"""
    aws, expected, client, url = json.loads(python(program, CHANDLERY_BIN_DIR=str(tmp_path), **OF_THE_SHELL))
    assert aws == expected
    assert client == url


def test_the_second_terminal_is_told_to_forget_them_and_to_reach_this_machine(tmp_path):
    folder = tmp_path / "a folder"
    program = f"""
from pathlib import Path
from chandlery_dev.__main__ import tell
from chandlery_dev.stack import Stack
tell(Stack(Path({str(folder)!r})))
"""
    told = python(program, HTTPS_PROXY="http://proxy.example", **OF_THE_SHELL)
    lines = [line.strip() for line in told.splitlines() if line.startswith("    ") and not line.strip().startswith("kubectl")]
    shell = "; ".join(lines) + "; env -0"
    done = subprocess.run(["bash", "-ec", shell], env={**OF_THE_SHELL, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=30, check=True)
    variables = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    aws = {name: value for name, value in variables.items() if name.startswith("AWS_")}
    assert set(aws) == {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"}
    assert aws["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert variables["KUBECONFIG"] == str(folder / "kubeconfig")
    assert "127.0.0.1" in variables["NO_PROXY"].split(",")
    assert variables["PATH"].endswith(":/usr/bin:/bin")


def test_the_folder_of_make_run_is_its_own(tmp_path):
    """Not the one of `service-catalog local` and `aws-servicebroker`, whose brokers and instances may be those of real AWS."""
    told = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "run"], cwd=REPOSITORY, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=60, check=True,
    ).stdout  # fmt: skip
    assert f'--data-dir "{tmp_path}/.local/share/chandlery/run"' in told


def test_what_an_earlier_make_run_kept_is_named(tmp_path, capsys):
    from chandlery_dev.__main__ import tell_of_earlier

    folder = tmp_path / "run"
    tell_of_earlier(folder)
    assert capsys.readouterr().out == ""
    (tmp_path / "settings.json").touch()
    (tmp_path / "emulator-state").mkdir()
    tell_of_earlier(folder)
    assert f"make run DATA_DIR={tmp_path} continues with it" in capsys.readouterr().out
    Path(folder).mkdir()
    tell_of_earlier(folder)
    assert capsys.readouterr().out == ""
