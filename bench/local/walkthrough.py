"""The whole on one machine: from the start of `service-catalog local` to a Ready broker, from `kubectl apply` to Ready without the
emulator's own time, and memory after it all.

Beside it, in the same run: the emulator's time alone for the same stack (create_stack until CREATE_COMPLETE, by boto3).
"""

import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))

from chandlery_dev.stack import BROKER_NAME, Stack  # noqa: E402
from chandlery_dev.templates import expanded  # noqa: E402
from chandlery_dev.walkthrough import SAMPLES, Walkthrough, resident_mebibytes  # noqa: E402

ROUNDS = 7


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def start_to_ready(stack: Stack) -> float:
    """The broker is registered already; its state of before is not taken for the new one's."""
    stack.kubectl("patch", f"clusterservicebroker/{BROKER_NAME}", "--type=merge", "-p", f'{{"spec":{{"relistRequests":{time.time():.0f}}}}}')
    stack.control_plane.stop()
    started = time.monotonic()
    stack.start_control_plane()
    stack.kubectl("wait", "--for=condition=Ready", f"clusterservicebroker/{BROKER_NAME}", "--timeout=30s")
    return time.monotonic() - started


def fresh_start_to_ready(folder: Path, stack: Stack) -> float:
    """A new control plane: from its start, over kubectl apply of the broker, to Ready."""
    fresh = Stack(folder)
    fresh.broker_url, fresh._password = stack.broker_url, stack._password  # noqa: SLF001
    (folder / "broker-ca.crt").write_bytes((stack.folder / "broker-ca.crt").read_bytes())
    started = time.monotonic()
    try:
        fresh.start_control_plane()
        fresh.register_broker()
        return time.monotonic() - started
    finally:
        fresh.control_plane.stop()


def apply_to_ready(stack: Stack, name: str) -> float:
    manifest = (SAMPLES / "instance.yaml").read_text().replace("s3-bucket", name).replace("s3-demo", "default")
    started = time.monotonic()
    stack.kubectl("apply", "-f", "-", stdin=manifest)
    stack.kubectl("wait", "--for=condition=Ready", f"serviceinstance/{name}", "--timeout=60s")
    return time.monotonic() - started


def emulator_alone(stack: Stack) -> float:
    cloudformation = stack.emulator.client("cloudformation")
    name = f"alone-{uuid.uuid4()}"
    template = expanded("s3")
    started = time.monotonic()
    cloudformation.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    while cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS":
        time.sleep(0.01)
    return time.monotonic() - started


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        stack = Stack(Path(name))
        try:
            stack.emulator.start()
            Walkthrough(stack, show=False).run()
            memory = {process.name: round(resident_mebibytes(process.pid), 1) for process in (stack.control_plane, stack.broker)}
            first = [fresh_start_to_ready(Path(name) / f"fresh{number}", stack) for number in range(3)]
            again = [start_to_ready(stack) for _ in range(3)]
            ours, alone = [], []
            for number in range(ROUNDS):
                alone.append(emulator_alone(stack))
                ours.append(apply_to_ready(stack, f"bench-{number}"))
            stack.kubectl("delete", "serviceinstances", "--all", "--timeout=120s")
        finally:
            stack.stop()
    print(
        json.dumps(
            {
                "start_to_ready_broker_s": round(median(first), 2),
                "restart_to_ready_broker_s": round(median(again), 2),
                "goal_s": 1,
                "resident_mib_after_the_walkthrough": memory,
                "goal_mib": 40,
                "apply_to_ready_s": round(median(ours), 2),
                "emulator_alone_s": round(median(alone), 2),
                "apply_to_ready_minus_emulator_s": round(median(ours) - median(alone), 2),
                "ratio_to_emulator_alone": round(median(ours) / median(alone), 2),
                "goal_difference_s": 0.5,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
