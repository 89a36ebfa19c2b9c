"""What the broker's CPU time is measured beside: the AWS calls of a whole cycle, by boto3 with clients that are kept.

    boto3_cycle.py CYCLES      prints CPU milliseconds per cycle
"""

import json
import sys
import time
import uuid
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from chandlery_dev.templates import expanded

TEMPLATE = expanded("s3")


def cycle(cloudformation, iam) -> None:
    name = f"bench-{uuid.uuid4()}"
    parameters = [{"ParameterKey": "PreventDeletion", "ParameterValue": "False"}]
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
    while (stack := cloudformation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"] == "CREATE_IN_PROGRESS":
        time.sleep(0.05)
    user = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId="AWSSBInjectedIAMUser")
    source = user["StackResourceDetail"]["PhysicalResourceId"]
    iam.create_user(UserName=name[:60], Path="/aws-service-broker/")
    for policy in iam.list_user_policies(UserName=source)["PolicyNames"]:
        document = iam.get_user_policy(UserName=source, PolicyName=policy)["PolicyDocument"]
        iam.put_user_policy(UserName=name[:60], PolicyName=policy, PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name[:60])["AccessKey"]["AccessKeyId"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    iam.delete_access_key(UserName=name[:60], AccessKeyId=key)
    for policy in iam.list_user_policies(UserName=name[:60])["PolicyNames"]:
        iam.delete_user_policy(UserName=name[:60], PolicyName=policy)
    iam.delete_user(UserName=name[:60])
    cloudformation.delete_stack(StackName=name)
    while cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_IN_PROGRESS":
        time.sleep(0.05)


def main(cycles: int) -> None:
    cloudformation, iam = boto3.client("cloudformation"), boto3.client("iam")
    cycle(cloudformation, iam)
    before = time.process_time()
    for _ in range(cycles):
        cycle(cloudformation, iam)
    print((time.process_time() - before) / cycles * 1000)


main(int(sys.argv[1]))
