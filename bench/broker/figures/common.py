"""The broker as it is measured: one process on core 0, everything else on the other cores."""

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / folder) for folder in ("scripts", "tests", "bench")]

from chandlery_dev.emulator import REGION  # noqa: E402
from chandlery_dev.processes import Process, free_port, wait_until  # noqa: E402
from chandlery_dev.stack import bin_dir  # noqa: E402
from figure import Figure  # noqa: E402, F401 - for the others
from osb_client import OsbClient  # noqa: E402

USER, PASSWORD = "broker", "a-password-of-the-benchmark"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
BROKERS_CORE, OTHERS_CORE = "0", "1"


class Broker:
    def __init__(self, folder: Path, aws: dict[str, str], *options, authenticated: bool = True):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = ["taskset", "-c", BROKERS_CORE, bin_dir() / "aws-servicebroker", "--address", "127.0.0.1", "--port", self.port,
                   "--insecure", "--data-dir", folder / "broker", "--log-level", "error", *options]  # fmt: skip
        environment = dict(aws)
        if authenticated:
            command.append("--enable-basic-auth")
            environment |= {"SECURITY_USER_NAME": USER, "SECURITY_USER_PASSWORD": PASSWORD}
        self._process = Process("aws-servicebroker", command, folder / "broker.log", environment)

    def start(self) -> "Broker":
        self._process.start()
        wait_until("the broker's readiness", self.is_ready, 60, interval=0.005)
        return self

    def stop(self) -> None:
        self._process.stop()

    def client(self) -> OsbClient:
        return OsbClient(self.url, USER, PASSWORD)

    def is_ready(self) -> bool:
        self._process.check()
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
            return answer.status == 200

    def cpu_seconds(self) -> float:
        """To a microsecond: what the scheduler counts, not the clock's ticks."""
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9 + self._other_threads()

    def resident_mebibytes(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def aws_calls(self) -> tuple[int, float]:
        """How many calls of AWS it made, and the seconds that they took."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        values = {name: sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"aws_sb_aws_call_seconds_{name}")) for name in ("count", "sum")}
        return round(values["count"]), values["sum"]

    def _other_threads(self) -> float:
        pid = self._process.pid
        threads = [thread for thread in Path(f"/proc/{pid}/task").iterdir() if thread.name != str(pid)]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def running(process) -> Iterator:
    try:
        yield process.start()
    finally:
        process.stop()


class SimulatedAws:
    """STS and CloudFormation with stacks that stay in progress (simulated_aws.hpp)."""

    def __init__(self, folder: Path, latency_ms: int = 0):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        command = ["taskset", "-c", OTHERS_CORE, bin_dir() / "bench_broker", "aws", "--port", port, "--latency-ms", latency_ms]
        self._process = Process("the simulated AWS", command, folder / "aws.log")

    def start(self) -> "SimulatedAws":
        self._process.start()
        wait_until("the simulated AWS answering", lambda: self.calls() is not None, 20)
        return self

    def stop(self) -> None:
        self._process.stop()

    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
                "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip

    def calls(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.url}/calls", timeout=5) as answer:
            return json.load(answer)


def on_other_core(*command, **options) -> str:
    """The output of a command that loads the broker."""
    command = ["taskset", "-c", OTHERS_CORE, *map(str, command)]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout
