"""CPU time of the broker for a provision + poll + bind cycle against the emulator, and its memory after 60 of them.

Compared to the Go broker: 440 ms with basic authentication, 140 ms without; 33 MB (measured elsewhere). The emulator takes its time
for each stack; that is not the broker's, so CPU time is counted, not the clock. Beside it, in the same run: a boto3 program that makes
the same AWS calls.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "scripts"), str(REPOSITORY / "tests")]

from chandlery_dev.emulator import Emulator  # noqa: E402
from chandlery_dev.processes import Process, free_port, wait_until  # noqa: E402
from chandlery_dev.stack import bin_dir  # noqa: E402
from chandlery_dev.walkthrough import resident_mebibytes  # noqa: E402
from osb_client import OsbClient, new_id  # noqa: E402

USER, PASSWORD = "broker", "a-password-of-the-benchmark"
CYCLES = 60
POLL_SECONDS = 0.1  # our catalog's first interval; the emulator makes a stack in half a second
CUSTOM = {"plan": "custom"}


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cycle(osb: OsbClient) -> tuple[str, str]:
    instance, binding = new_id(), new_id()
    osb.provisioned(instance, POLL_SECONDS, parameters={"PreventDeletion": "False"}, **CUSTOM)
    bound = osb.bind(instance, binding, **CUSTOM)
    assert bound.status == 201, bound
    return instance, binding


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        emulator = Emulator(folder).start()
        port = free_port()
        environment = {**emulator.environment(), "SECURITY_USER_NAME": USER, "SECURITY_USER_PASSWORD": PASSWORD}
        command = [bin_dir() / "aws-servicebroker", "--address", "127.0.0.1", "--port", port, "--insecure", "--enable-basic-auth",
                   "--data-dir", folder / "broker", "--log-level", "error"]  # fmt: skip
        broker = Process("aws-servicebroker", command, folder / "broker.log", environment).start()
        try:
            osb = OsbClient(f"http://127.0.0.1:{port}", USER, PASSWORD)
            wait_until("the catalog", lambda: osb.call("GET", "/v2/catalog").status == 200, 20)
            made = [cycle(osb)]
            before, started = cpu_seconds(broker.pid), time.monotonic()
            made += [cycle(osb) for _ in range(CYCLES)]
            used, elapsed = cpu_seconds(broker.pid) - before, time.monotonic() - started
            memory = resident_mebibytes(broker.pid)
            python = float(subprocess.run([sys.executable, Path(__file__).with_name("boto3_cycle.py"), str(CYCLES // 4)],
                                          env={**os.environ, **emulator.environment()}, check=True, capture_output=True, text=True).stdout)  # fmt: skip
            for instance, binding in made:
                osb.unbind(instance, binding, **CUSTOM)
                osb.deprovision(instance, **CUSTOM)
        finally:
            broker.stop()
            emulator.stop()
    per_cycle = used / CYCLES * 1000
    print(
        json.dumps(
            {
                "cpu_ms_per_cycle": round(per_cycle, 2),
                "goal_cpu_ms": 8,
                "ratio_to_go_with_authentication": round(440 / per_cycle, 1),
                "boto3_cpu_ms_for_the_same_calls": round(python, 1),
                "ratio_to_boto3": round(python / per_cycle, 1),
                "seconds_per_cycle_emulator_included": round(elapsed / CYCLES, 2),
                "resident_mib_after_60_cycles": round(memory, 1),
                "goal_mib": 20,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
