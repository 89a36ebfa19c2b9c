"""A second AWS emulator (moto) on 127.0.0.1, for resources that the first one (emulator.py) refuses. It runs no Lambda functions."""

import sys
import urllib.request
from pathlib import Path

from .emulator import REGION
from .processes import Process, free_port, wait_until

ACCOUNT = "000000000000"  # as in the first one: the ids of classes come of it


class Moto:
    def __init__(self, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = Process("moto", command, folder / "moto.log", {"MOTO_ACCOUNT_ID": ACCOUNT})

    def start(self) -> "Moto":
        self.process.start()
        wait_until("moto answering", self._answers, 60)
        return self

    def stop(self) -> None:
        self.process.stop()

    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url}

    def client(self, service: str):
        import boto3

        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")

    def _answers(self) -> bool:
        self.process.check()
        with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=2) as answer:
            return answer.status == 200
