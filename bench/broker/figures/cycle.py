"""CPU time of the broker and calls of AWS for provision + poll + bind + unbind + deprovision against the emulator.

The emulator takes its time for each stack; that is not the broker's, so CPU time is counted, not the clock. Beside it, in the
same run: a boto3 program that makes the same AWS calls.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chandlery_dev.emulator import Emulator
from osb_client import OsbClient, new_id

from .common import Broker, Figure, running

CYCLES = 40
POLL_SECONDS = 0.1  # our catalog's first interval; the emulator makes a stack in half a second
GO_CPU_MS = 440  # without unbind and deprovision, with authentication
CUSTOM = {"plan": "custom"}


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        with running(Emulator(folder)) as emulator, running(Broker(folder, emulator.environment())) as broker:
            osb = broker.client()
            _unmake(osb, *_make(osb))  # connections are made
            calls, requests = broker.aws_calls()[0], osb.requests
            made = unmade = 0.0
            for _ in range(CYCLES):
                before = broker.cpu_seconds()
                ids = _make(osb)
                between = broker.cpu_seconds()
                _unmake(osb, *ids)
                made, unmade = made + between - before, unmade + broker.cpu_seconds() - between
            calls, requests = broker.aws_calls()[0] - calls, osb.requests - requests
            beside = float(_boto3(emulator))
    return [
        Figure("CPU for provision + polls + bind", made / CYCLES * 1000, "ms", at_most=8, of_go=GO_CPU_MS),
        Figure("CPU for provision + polls + bind + unbind + deprovision", (made + unmade) / CYCLES * 1000, "ms", at_most=8, of_go=GO_CPU_MS),
        Figure("  a boto3 program for the same AWS calls", beside, "ms"),
        Figure("  requests to the broker", requests / CYCLES, "requests"),
        Figure("  calls of AWS", calls / CYCLES, "calls"),
    ]


def _make(osb: OsbClient) -> tuple[str, str]:
    instance, binding = new_id(), new_id()
    osb.provisioned(instance, POLL_SECONDS, parameters={"PreventDeletion": "False"}, **CUSTOM)
    bound = osb.bind(instance, binding, **CUSTOM)
    assert bound.status == 201, bound
    return instance, binding


def _unmake(osb: OsbClient, instance: str, binding: str) -> None:
    unbound = osb.unbind(instance, binding, **CUSTOM)
    assert unbound.status == 200, unbound
    osb.deprovisioned(instance, **CUSTOM)


def _boto3(emulator: Emulator) -> str:
    command = [sys.executable, Path(__file__).with_name("boto3_cycle.py"), str(CYCLES // 4)]
    return subprocess.run(command, env={**os.environ, **emulator.environment()}, check=True, capture_output=True, text=True).stdout
