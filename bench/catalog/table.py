"""Prints one table: what is measured of the catalog on a real API server beside its target and the Go controller's figure.

    table.py [PAIRS …]      300 and 3,000 where no number is given

A pair is an instance and its binding. The API server's own requests are counted by its metrics, so nothing else may use it. The Go controller's
figures (the drycc fork, on the same kind of machine) are of 10 pairs, where it still came to an end.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCH), str(BENCH.parent / "scripts")]

from chandlery_dev.cluster import PROGRAMS, WEBHOOK_CONFIGURATION, Cluster  # noqa: E402
from chandlery_dev.processes import Process, answers_ok, bin_dir, free_port, wait_until  # noqa: E402
from figure import HEADER, Figure  # noqa: E402

NAMESPACE = "bench"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SEQUENTIAL = 200
OURS = ("servicebindings", "serviceinstances", "secrets", "events", "clusterservicebrokers", "clusterserviceclasses", "clusterserviceplans")


class Bench:
    def __init__(self, folder: Path):
        self.kubeconfig = folder / "kubeconfig"
        self._folder = folder
        self.cluster = Cluster(folder / "cluster", self.kubeconfig, free_port())

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        command = ["kubectl", "--kubeconfig", self.kubeconfig, "--cache-dir", self._folder / "kube-cache", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout

    def run(self, command: str, pairs: int, *flags) -> dict[str, float]:
        """One of bench_catalog's commands, to its end."""
        arguments = ["--kubeconfig", self.kubeconfig, "--pairs", pairs, "--namespace", NAMESPACE, *flags]
        done = subprocess.run([bin_dir() / "bench_catalog", command, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)

    @contextmanager
    def broker(self, *flags):
        """Registered as the only broker, with its catalog synced; yields the seconds that this took."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [bin_dir() / "bench_catalog", "broker", "--port", port, *flags]
        process = Process("the broker", command, self._folder / "broker.log").start()
        try:
            wait_until("the broker answering", lambda: answers_ok(f"{url}/v2/catalog"), 20)
            broker = {"apiVersion": "servicecatalog.k8s.io/v1beta1", "kind": "ClusterServiceBroker", "metadata": {"name": "bench"}}
            begin = time.monotonic()
            self.kubectl("create", "-f", "-", stdin=json.dumps({**broker, "spec": {"url": url}}))
            self.kubectl("wait", "--for=condition=Ready", "clusterservicebroker/bench", "--timeout=300s")
            yield time.monotonic() - begin
            self.kubectl("delete", "clusterservicebroker/bench", "--timeout=300s")
        finally:
            process.stop()

    def leave_the_api_server_alone(self) -> None:
        for program in PROGRAMS:
            self.cluster.part(program).stop()
        self.kubectl("delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", WEBHOOK_CONFIGURATION)

    def requests(self) -> Counter:
        """By verb, resource and subresource, since the API server started."""
        pattern = re.compile(r"^apiserver_request_total\{(.*)\} (\S+)$", re.M)
        counted: Counter = Counter()
        for labels, value in pattern.findall(self.kubectl("get", "--raw", "/metrics")):
            label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            counted[label["verb"], label["resource"], label["subresource"]] += float(value)
        return counted

    def requests_within(self, seconds: float) -> float:
        """Those about what the catalog works with; a watch is none."""
        before = self.requests()
        time.sleep(seconds)
        return sum(count for (verb, resource, _), count in (self.requests() - before).items() if resource in OURS and verb != "WATCH")

    def admissions(self) -> Counter:
        """Calls of the webhook since the API server started: all, and those within 5 ms."""
        text = self.kubectl("get", "--raw", "/metrics")
        name = "apiserver_admission_webhook_admission_duration_seconds"
        series = {"all": rf"^{name}_count\{{.*\}} (\S+)$", "fast": rf'^{name}_bucket\{{.*le="0\.005"\}} (\S+)$'}
        return Counter({which: sum(map(float, re.findall(pattern, text, re.M))) for which, pattern in series.items()})

    def fast_admissions(self, since: Counter) -> float:
        """Of 100."""
        calls = self.admissions() - since
        return 100 * calls["fast"] / calls["all"]

    def cpu_seconds(self) -> float:
        return sum(_cpu_seconds(self.cluster.part(program).pid) for program in PROGRAMS)

    def peak_mebibytes(self, program: str) -> float:
        status = Path(f"/proc/{self.cluster.part(program).pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _cpu_seconds(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def measure_pairs(bench: Bench, pairs: int):
    name = f"{pairs:,} pairs"
    with bench.broker():
        before, cpu, admissions = bench.requests(), bench.cpu_seconds(), bench.admissions()
        created = bench.run("create", pairs)
        writes = {key: count / pairs for key, count in (bench.requests() - before).items() if key[0] in WRITES and key[1] in OURS}
        used = (bench.cpu_seconds() - cpu) * 1000 / pairs
        yield Figure(f"{name}: all Ready", created["ready_seconds"], "s")
        events = sum(count for (_, resource, _), count in writes.items() if resource == "events")
        yield Figure(f"{name}: API writes a pair, but its user's two and events", sum(writes.values()) - 2 - events, "", at_most=6, of_go=13.6)
        yield Figure(f"{name}: event writes a pair", events, "", of_go=6)
        yield Figure(f"{name}: CPU of controllers and webhook a pair", used, "ms", at_most=5, of_go=51)
        for program in PROGRAMS:
            target = 60 if program == "controller-manager" else None
            yield Figure(f"{name}: peak memory, {program}", bench.peak_mebibytes(program), "MiB", at_most=target, of_go=68 if target else 63)
        yield Figure(f"{name}: admissions within 5 ms, while they are made", bench.fast_admissions(admissions), "%", at_least=99)
        yield measure_admissions(bench, name)
        yield measure_idle(bench, name)
        deleted = bench.run("delete", pairs)
        yield Figure(f"{name}: all deleted, of the time to Ready", deleted["deleted_seconds"] / created["ready_seconds"], "times", at_most=1)

    bench.leave_the_api_server_alone()
    alone = bench.run("alone", pairs, *_flags_of(writes))
    yield Figure(f"{name}: the API server alone, the same writes", alone["seconds"], "s")
    yield Figure(f"{name}: rate of Ready, of the API server's alone", alone["seconds"] / created["ready_seconds"], "", at_least=0.5)


def measure_admissions(bench: Bench, name: str) -> Figure:
    """One request after the other, by kubectl over one connection, with nothing else to do."""
    spec = {"clusterServiceClassExternalName": "class-0", "clusterServicePlanExternalName": "plan-0"}
    instance = {"apiVersion": "servicecatalog.k8s.io/v1beta1", "kind": "ServiceInstance", "spec": spec}
    items = [json.dumps({**instance, "metadata": {"name": f"dry-run-{number}", "namespace": NAMESPACE}}) for number in range(SEQUENTIAL)]
    before = bench.admissions()
    bench.kubectl("create", "--dry-run=server", "--validate=false", "-f", "-", stdin="\n".join(items))
    return Figure(f"{name}: admissions within 5 ms, one after the other", bench.fast_admissions(before), "%", at_least=99)


def measure_idle(bench: Bench, name: str) -> Figure:
    # Kubernetes' garbage collector asks once for the owner of each new Secret, when it gets to it.
    wait_until("the garbage collector having seen all Secrets", lambda: bench.requests_within(45) < 5, 600)
    return Figure(f"{name}: requests a minute when idle", bench.requests_within(60), "", at_most=6)


def _flags_of(writes: dict) -> list:
    def patches(resource: str, subresource: str) -> int:
        return round(sum(count for (verb, *where), count in writes.items() if where == [resource, subresource] and verb in ("PUT", "PATCH")))

    return ["--instance-patches", patches("serviceinstances", ""), "--instance-status-patches", patches("serviceinstances", "status"),
            "--binding-patches", patches("servicebindings", ""), "--binding-status-patches", patches("servicebindings", "status"),
            "--events", round(sum(count for (_, resource, _), count in writes.items() if resource == "events"))]  # fmt: skip


def measure_slow_broker(bench: Bench, pairs: int):
    with bench.broker("--operation-ms", 2000):
        created = bench.run("create", pairs)
        yield Figure(f"{pairs:,} pairs, operations of 2 s: all Ready", created["ready_seconds"], "s")
        deleted = bench.run("delete", pairs)
        yield Figure(f"{pairs:,} pairs, operations of 2 s: all deleted", deleted["deleted_seconds"], "s")


def measure_catalog(bench: Bench):
    with bench.broker("--classes", 500, "--plans", 10) as seconds:
        yield Figure("a catalog of 500 classes with 5,000 plans synced", seconds, "s")


def main(numbers: list[str]) -> None:
    print(HEADER)
    for pairs in map(int, numbers or ("300", "3000")):
        for measure in (measure_pairs, measure_slow_broker):
            with measured_cluster() as bench:
                for figure in measure(bench, pairs):
                    print(figure.line(), flush=True)
    with measured_cluster() as bench:
        for figure in measure_catalog(bench):
            print(figure.line(), flush=True)


@contextmanager
def measured_cluster():
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as folder:
        bench = Bench(Path(folder))
        try:
            bench.cluster.start()
            bench.kubectl("create", "namespace", NAMESPACE)
            yield bench
        finally:
            bench.cluster.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
