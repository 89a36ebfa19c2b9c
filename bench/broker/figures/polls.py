"""A thousand instances in progress, each polled three times a second: what that costs the broker and CloudFormation."""

import json
import tempfile
import time
from pathlib import Path

from osb_client import new_id

from .common import AUTHORIZATION, Broker, Figure, SimulatedAws, bin_dir, on_other_core, running

INSTANCES, RATE, SECONDS, LATENCY_MS = 1000, 3, 20, 20


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        with running(SimulatedAws(folder, LATENCY_MS)) as aws, running(Broker(folder, aws.environment())) as broker:
            osb = broker.client()
            instances = [new_id() for _ in range(INSTANCES)]
            for instance in instances:
                answer = osb.provision(instance)
                assert answer.status == 202, answer
            _poll(broker, instances, seconds=2)  # the calls that were saved up are spent
            before, cpu, started = aws.calls(), broker.cpu_seconds(), time.monotonic()
            polls = _poll(broker, instances, SECONDS)
            elapsed, cpu = time.monotonic() - started, broker.cpu_seconds() - cpu
            calls = sum(aws.calls().values()) - sum(before.values())
            description = osb.last_operation(instances[0]).body.get("description", "")
    assert polls["failed"] == 0, polls
    assert "created" in description, description
    what = f"{INSTANCES:,} instances in progress, {RATE} polls/s each"
    return [
        Figure(f"{what}: the broker's share of a core", cpu / elapsed * 100, "%", at_most=20),
        Figure("  polls answered", polls["polls"] / elapsed, "polls/s"),
        Figure("  calls of CloudFormation", calls / elapsed, "calls/s", at_most=5),
        Figure("  the slowest poll", polls["worst_ms"], "ms", at_most=50),
        Figure("  99 of 100 polls within", polls["p99_ms"], "ms"),
    ]


def _poll(broker: Broker, instances: list[str], seconds: int) -> dict:
    command = [bin_dir() / "bench_broker", "polls", broker.url, "--authorization", AUTHORIZATION, "--rate", RATE, "--seconds", seconds]
    return json.loads(on_other_core(*command, input="\n".join(instances)))
