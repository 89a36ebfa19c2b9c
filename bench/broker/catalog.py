"""GET /v2/catalog with basic authentication: requests per second of one core, and beside it the same without our program's work.

Compared to the Go broker: 13 requests/s with authentication, 280 without, on two cores (measured elsewhere, on the same catalog's size).
Compared here to a Python server that answers the same bytes from memory, on the same machine in turns: a ratio that carries over.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from chandlery_dev.emulator import Emulator  # noqa: E402
from chandlery_dev.processes import Process, free_port, wait_until  # noqa: E402
from chandlery_dev.stack import bin_dir  # noqa: E402

USER, PASSWORD = "broker", "a-password-of-the-benchmark"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
GO_WITH_AUTHENTICATION, GO_WITHOUT = 13, 280
ROUNDS, SECONDS = 3, 4


def requests_per_second(url: str) -> float:
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c16", f"-d{SECONDS}s", "-H", f"Authorization: {AUTHORIZATION}",
               "-H", "X-Broker-API-Version: 2.17", f"{url}/v2/catalog"]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"not every answer was 200:\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def fetch(url: str) -> bytes:
    command = ["curl", "-sS", "-f", "-H", f"Authorization: {AUTHORIZATION}", "-H", "X-Broker-API-Version: 2.17", f"{url}/v2/catalog"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def many_templates(folder: Path) -> Path:
    """27 classes, as many as the Go broker's catalog had: copies of our largest template under other names."""
    folder.mkdir()
    text = (Path(__file__).resolve().parents[2] / "templates/s3-main.yaml").read_text()
    for number in range(27):
        (folder / f"class{number}-main.yaml").write_text(re.sub(r"^(\s+Name:) s3$", rf"\1 class{number}", text, count=1, flags=re.M))
    return folder


def main() -> None:
    print(json.dumps({"built-in classes": measure(), "27 classes": measure(many_classes=True)}, indent=2))


def measure(many_classes: bool = False) -> dict:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        emulator = Emulator(folder).start()
        port, other_port = free_port(), free_port()
        url, other_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other_port}"
        environment = {**emulator.environment(), "SECURITY_USER_NAME": USER, "SECURITY_USER_PASSWORD": PASSWORD}
        command = ["taskset", "-c", "0", bin_dir() / "aws-servicebroker", "--address", "127.0.0.1", "--port", port, "--insecure",
                   "--enable-basic-auth", "--data-dir", folder / "broker", "--log-level", "error"]  # fmt: skip
        if many_classes:
            command += ["--template-folder", many_templates(folder / "templates")]
        broker = Process("aws-servicebroker", command, folder / "broker.log", environment).start()
        other = None
        try:
            catalog = wait_until("the catalog", lambda: fetch(url), 20)
            (folder / "catalog.json").write_bytes(catalog)
            server = ["taskset", "-c", "0", sys.executable, Path(__file__).with_name("plain_server.py"), other_port, folder / "catalog.json"]
            other = Process("the plain server", server, folder / "plain.log").start()
            wait_until("the plain server", lambda: fetch(other_url) == catalog, 20)
            ours, plain = [], []
            for _ in range(ROUNDS):
                ours.append(requests_per_second(url))
                plain.append(requests_per_second(other_url))
        finally:
            for process in (broker, other):
                if process is not None:
                    process.stop()
            emulator.stop()
    rate, plain_rate = sorted(ours)[ROUNDS // 2], sorted(plain)[ROUNDS // 2]
    return {
        "catalog_bytes": len(catalog),
        "requests_per_second_on_one_core": round(rate),
        "plain_python_server": round(plain_rate),
        "ratio_to_plain_server": round(rate / plain_rate, 1),
        "ratio_to_go_with_authentication": round(rate / GO_WITH_AUTHENTICATION),
        "goal": 10_000,
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    main()
