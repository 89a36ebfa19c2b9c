"""Users of the emulated account that programs run as, and what they may not do."""

import json

from osb_client import new_id

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ACCOUNT = "000000000000"


def denied(action: str) -> dict:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class User:
    """A new one that may do everything, but for the statements that deny it."""

    def __init__(self, emulator, *statements: dict):
        self._emulator = emulator
        iam, self.name = emulator.client("iam"), f"user-{new_id()}"
        iam.create_user(UserName=self.name)
        iam.put_user_policy(UserName=self.name, PolicyName="p", PolicyDocument=policy(EVERYTHING, *statements))
        key = iam.create_access_key(UserName=self.name)["AccessKey"]
        self.environment = emulator.environment(key["AccessKeyId"], key["SecretAccessKey"])
        self.arn = f"arn:aws:iam::{ACCOUNT}:user/{self.name}"

    def allow_everything(self) -> None:
        self._emulator.client("iam").put_user_policy(UserName=self.name, PolicyName="p", PolicyDocument=policy(EVERYTHING))

    def role(self, *statements: dict, external_id: str = "chandlery") -> str:
        """Makes one that only this user may take."""
        iam, name = self._emulator.client("iam"), f"target-{new_id()}"
        condition = {"StringEquals": {"sts:ExternalId": external_id}} if external_id else {}
        trust = {"Effect": "Allow", "Principal": {"AWS": self.arn}, "Action": "sts:AssumeRole", "Condition": condition}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(EVERYTHING, *statements))
        return name
