"""From the start of the process to ready (/readyz), with all templates: built in, from a folder, from S3.

"Plus AWS time": what the broker waited for AWS is not its own, and is taken off.
"""

import tempfile
from pathlib import Path
from statistics import median
from time import monotonic

from chandlery_dev.emulator import Emulator

from .common import REPOSITORY, Broker, Figure, running

ROUNDS = 7
MOST_MS = 150
BUCKET, PREFIX = "bench-templates", "templates/latest/"


def measure() -> list[Figure]:
    templates = sorted((REPOSITORY / "templates").glob("*-main.yaml"))
    figures = []
    with tempfile.TemporaryDirectory(prefix="chandlery-bench-") as name:
        folder = Path(name)
        with running(Emulator(folder)) as emulator:
            s3 = emulator.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            for template in templates:
                s3.upload_file(str(template), BUCKET, PREFIX + template.name)
            sources = {
                "built in": [],
                "in a folder": ["--template-folder", REPOSITORY / "templates"],
                "in S3": ["--s3-bucket", BUCKET, "--s3-key", PREFIX, "--s3-region", "us-east-1"],
            }
            for source, options in sources.items():
                own = median(_own_milliseconds(folder, emulator, options) for _ in range(ROUNDS))
                figures.append(Figure(f"start to ready, {len(templates)} templates {source}", own, "ms", at_most=MOST_MS))
    return figures


def _own_milliseconds(folder: Path, emulator: Emulator, options: list) -> float:
    broker = Broker(folder, emulator.environment(), *options)
    started = monotonic()
    with running(broker):
        elapsed = monotonic() - started
        return max(elapsed - broker.aws_calls()[1], 0) * 1000
