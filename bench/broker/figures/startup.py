"""From the start of the process to ready (/readyz), with all templates: built in, from a folder, from S3.

What the broker waits for AWS and the files is not its own, nor what this script takes to start it: its CPU time is told.
"""

import tempfile
from pathlib import Path
from statistics import median

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
    with running(Broker(folder, emulator.environment(), *options)) as broker:
        return broker.cpu_seconds() * 1000
