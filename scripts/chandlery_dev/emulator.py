"""The AWS emulator (ministack)."""

import json
import os
import shutil
import sys
import urllib.request
from pathlib import Path

from .processes import Process, free_port, wait_until

REGION = "us-east-1"

# The settings of AWS that this was started with. Nothing that is started from here has them: AWS_ENDPOINT_URL_S3, AWS_SESSION_TOKEN or AWS_PROFILE would
# lead around the emulator.
FORGOTTEN = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}


class Emulator:
    """With `persist` what it has acknowledged is kept in the folder (lasting_emulator.py). With `checks_access` it refuses what policies and trust do
    not allow, and keys that are not there; its own ("test") may do everything."""

    def __init__(self, folder: Path, port: int | None = None, persist: bool = False, address: str = "127.0.0.1", checks_access: bool = False):
        self.port = port or free_port()
        self.url = f"http://{address}:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        self._scratch = folder / "emulator-tmp"  # where it unpacks Lambda functions; it does not tidy up itself
        env = {"GATEWAY_PORT": str(self.port), "TMPDIR": str(self._scratch), **self.environment()}
        env |= {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}  # they would listen on all addresses
        if persist:
            env |= {"PERSIST_STATE": "1", "STATE_DIR": str(folder / "emulator-state")}
            env |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(folder / "emulator-objects")}
        if checks_access:
            env |= {"AUTH": "true"}
        app = "chandlery_dev.lasting_emulator:app" if persist else "ministack.app:app"
        command = [sys.executable, "-m", "hypercorn", app]
        for each in {address, "127.0.0.1"}:  # its own Lambda functions look for it there
            command += ["--bind", f"{each}:{self.port}"]
        self.process = Process("the AWS emulator", command, folder / "emulator.log", env)

    def start(self) -> "Emulator":
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(mode=0o700)
        self.process.start()
        wait_until("the AWS emulator answering", self._answers, 60)
        return self

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def environment(self, access_key: str = "test", secret_key: str = "test") -> dict[str, str]:
        """What the AWS CLI, boto3 and the broker need to talk to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str):
        import boto3  # slow to import, and not needed by everyone

        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")

    def grant_by_tag(self, policy_arn: str, broker_id: str) -> None:
        """Has its simulation of a policy answer as AWS does for that broker's tag, of which the doctor tells: it knows no context of requests."""
        iam = self.client("iam")
        version = iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
        policy = iam.get_policy_version(PolicyArn=policy_arn, VersionId=version)["PolicyVersion"]["Document"]
        before = json.dumps(policy)
        for statement in policy["Statement"]:
            conditions = statement.pop("Condition", {})
            tags = conditions.get("StringEquals", {})
            for key in [key for key, value in tags.items() if key.endswith("/aws-service-broker:broker-id") and value == broker_id]:
                del tags[key]
            if kept := {operator: keys for operator, keys in conditions.items() if keys}:
                statement["Condition"] = kept
        if json.dumps(policy) != before:
            iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=json.dumps(policy), SetAsDefault=True)

    def _answers(self) -> bool:
        self.process.check()
        with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2) as answer:
            return answer.status == 200
