"""GET /v2/catalog: requests per second of one core and the 99th percentile, in full, compressed, and unchanged (304).

Of all classes, with and without authentication; and of two classes, in full, as a small broker offers them.
"""

import http.client
import re
import shutil
import tempfile
from pathlib import Path
from statistics import median

from .common import AUTHORIZATION, REPOSITORY, Broker, Figure, SimulatedAws, on_other_core, running

ROUNDS, SECONDS, CONNECTIONS = 3, 4, 16
GO_WITH_AUTHENTICATION, GO_WITHOUT = 13, 280
FEW = ("s3", "sqs")


def measure() -> list[Figure]:
    figures = []
    for authenticated in (True, False):
        with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
            folder = Path(name)
            with running(SimulatedAws(folder)) as aws, running(Broker(folder, aws.environment(), authenticated=authenticated)) as broker:
                figures += _forms(broker, authenticated)
    return figures + _few_classes()


def _few_classes() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        (templates := folder / "templates").mkdir()
        for each in FEW:
            shutil.copy(REPOSITORY / "templates" / f"{each}-main.yaml", templates)
        with running(SimulatedAws(folder)) as aws, running(Broker(folder, aws.environment(), "--template-folder", templates)) as broker:
            headers = {"X-Broker-API-Version": "2.17", "Authorization": AUTHORIZATION}
            size, _ = _fetch(broker, headers)
            rate, _ = _load(broker, headers)
    what = f"catalog of {' and '.join(FEW)} in full ({size // 1000} kB), with authentication"
    return [Figure(what, rate, "requests/s", at_least=10_000, of_go=GO_WITH_AUTHENTICATION)]


def _forms(broker: Broker, authenticated: bool) -> list[Figure]:
    headers = {"X-Broker-API-Version": "2.17"} | ({"Authorization": AUTHORIZATION} if authenticated else {})
    full, answered = _fetch(broker, headers)
    compressed, _ = _fetch(broker, headers | {"Accept-Encoding": "gzip"})
    forms = {
        f"in full ({full // 1000} kB)": ({}, 3000),
        f"compressed ({compressed // 1000} kB)": ({"Accept-Encoding": "gzip"}, 15_000),
        "unchanged (304)": ({"If-None-Match": answered["ETag"]}, 15_000),
    }
    go = GO_WITH_AUTHENTICATION if authenticated else GO_WITHOUT
    figures = []
    for form, (more, target) in forms.items():
        rate, slowest = _load(broker, headers | more)
        what = f"catalog {form}, {'with' if authenticated else 'without'} authentication"
        figures += [Figure(what, rate, "requests/s", at_least=target, of_go=go), Figure(f"{what}, p99 of {CONNECTIONS} at once", slowest, "ms")]
    return figures


def _fetch(broker: Broker, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", broker.port)
    connection.request("GET", "/v2/catalog", headers=headers)
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    return size, dict(answer.headers)


def _load(broker: Broker, headers: dict[str, str]) -> tuple[float, float]:
    lines = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    rates, slowest = [], []
    for _ in range(ROUNDS):
        output = on_other_core("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *lines, f"{broker.url}/v2/catalog")
        if "Non-2xx" in output:
            raise SystemExit(f"not every answer was well:\n{output}")
        rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]))
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        slowest.append(float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])
    return median(rates), median(slowest)
