"""A bucket that a broker reads its templates from."""

from concurrent.futures import ThreadPoolExecutor

from chandlery_dev.processes import REPOSITORY
from osb_client import new_id

QUEUE = REPOSITORY / "tests/data/templates/queue-main.yaml"
PREFIX = "templates/latest/"
SENT = "aws-service-broker/sent-templates/"  # where the broker puts those that are too long for a request


def long_queue(more: str = "") -> str:
    """The class queue, too long for a request."""
    return QUEUE.read_text().replace("LongDescription: A queue", f"LongDescription: A queue{more}" + "." * 51_200)


class Bucket:
    def __init__(self, emulator):
        self.name = f"templates-{new_id()}"
        self._s3 = emulator.client("s3")
        self._s3.create_bucket(Bucket=self.name)

    def put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self.name, Key=PREFIX + key, Body=body)

    def remove(self, key: str) -> None:
        self._s3.delete_object(Bucket=self.name, Key=PREFIX + key)

    def sent(self) -> dict[str, str]:
        """By key: what the broker has put there for CloudFormation."""
        listed = self._s3.list_objects_v2(Bucket=self.name, Prefix=SENT).get("Contents", [])
        return {one["Key"]: self._s3.get_object(Bucket=self.name, Key=one["Key"])["Body"].read().decode() for one in listed}

    def remove_sent(self) -> None:
        for key in self.sent():
            self._s3.delete_object(Bucket=self.name, Key=key)

    def put_many(self, count: int) -> None:
        """Objects that are no templates, before all others in the listing."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: self.put(f"0-{number:04}.txt", b"x"), range(count)))
