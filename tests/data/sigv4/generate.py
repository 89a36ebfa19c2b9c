"""Requests of all shapes, signed by botocore at a fixed time: what src/aws/signing must make of them.

    generate.py > requests.json
"""

import datetime
import json
import random
import sys
import urllib.parse
from unittest import mock

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TIME = datetime.datetime(2026, 1, 31, 10, 0, 0, tzinfo=datetime.UTC)
ACCESS_KEY, SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjE//+==token"
REGIONS = {"cloudformation": "us-east-1", "iam": "us-east-1", "s3": "eu-central-1", "dynamodb": "cn-north-1", "lambda": "us-gov-west-1"}

SEGMENTS = ["a", "b c", "ü", "€😀", "a+b", "a%b", "a=b&c", "~-_.", "(x)", "a:b", "a,b", "'q'", "*", "@", "$", "!", "a;b", "%20", "2015-03-31"]
NAMES = ["a", "B", "key", "prefix", "list-type", "max-keys", "ü", "a b", "a.b", "x/y"]
VALUES = ["", "1", "b c", "ü€", "a/b", "a=b", "a&b", "a+b", "%", "~", "*", "2026-01-31T10:00:00Z"]
BODIES = ["", "{}", '{"a": "ü"}', "Action=DescribeStacks&Version=2010-05-15", "\u0000\u0001", "x" * 2000]


def request_of(chance: random.Random, service: str) -> dict:
    segments = chance.sample(SEGMENTS, chance.randrange(0, 4))
    path = "/" + "/".join(urllib.parse.quote(segment, safe="~") for segment in segments)
    if service == "s3" and chance.random() < 0.2:
        path += "//x/"
    names = [chance.choice(NAMES) for _ in range(chance.randrange(0, 5))]
    pairs = [(urllib.parse.quote(name, safe="~"), urllib.parse.quote(chance.choice(VALUES), safe="~")) for name in names]
    headers = {"Content-Type": chance.choice(["application/json", "application/x-www-form-urlencoded; charset=utf-8"])}
    if chance.random() < 0.5:
        headers["X-Amz-Target"] = chance.choice(["DynamoDB_20120810.PutItem", "  spaces   inside  ", "a,b"])
    return {
        "service": service,
        "region": REGIONS[service],
        "method": chance.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "host": chance.choice([f"{service}.example.com", "127.0.0.1:4566", f"bucket.{service}.eu-central-1.amazonaws.com"]),
        "path": path,
        "query": "&".join(f"{name}={value}" for name, value in pairs),
        "headers": headers,
        "body": chance.choice(BODIES),
        "session_token": chance.choice(["", SESSION_TOKEN]),
    }


def signed(case: dict) -> dict:
    url = f"https://{case['host']}{case['path']}" + (f"?{case['query']}" if case["query"] else "")
    headers = {**case["headers"], "Host": case["host"]}
    request = AWSRequest(method=case["method"], url=url, data=case["body"].encode(), headers=headers)
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, case["session_token"] or None)
    signer = (S3SigV4Auth if case["service"] == "s3" else SigV4Auth)(credentials, case["service"], case["region"])
    with mock.patch("botocore.auth.get_current_datetime", return_value=TIME.replace(tzinfo=None)):
        signer.add_auth(request)
    return {**case, "authorization": request.headers["Authorization"]}


def cases(count: int = 250) -> list[dict]:
    chance = random.Random(4)
    return [signed(request_of(chance, chance.choice(sorted(REGIONS)))) for _ in range(count)]


if __name__ == "__main__":
    json.dump({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "time": TIME.isoformat(), "requests": cases()}, sys.stdout, indent=1)
    sys.stdout.write("\n")
