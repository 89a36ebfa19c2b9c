"""What the broker's CPU time is measured beside: the AWS calls of a provision + poll + bind cycle, by boto3 with clients that are kept.

    boto3_cycle.py CYCLES      prints CPU milliseconds per cycle
"""

import json
import sys
import time
import uuid
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from chandlery_dev.templates import expanded  # noqa: E402

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
    iam.create_access_key(UserName=name[:60])
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def main(cycles: int) -> None:
    cloudformation, iam = boto3.client("cloudformation"), boto3.client("iam")
    cycle(cloudformation, iam)
    before = time.process_time()
    for _ in range(cycles):
        cycle(cloudformation, iam)
    print((time.process_time() - before) / cycles * 1000)


main(int(sys.argv[1]))
