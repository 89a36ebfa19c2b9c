"""The few things that the walkthrough asks of the AWS CLI, by boto3, for machines that have no `aws`.

    python -m chandlery_dev.aws SERVICE OPERATION [--option VALUE …]
    python -m chandlery_dev.aws SERVICE wait WAITER [--option VALUE …]

Options are the CLI's (file:// included); the answer is printed as the CLI prints it with --output json.
"""

import json
import sys
from pathlib import Path

import boto3
from botocore import xform_name


def arguments_of(shape, options: list[str]) -> dict:
    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()}
    arguments: dict = {}
    for option, value in zip(options[::2], options[1::2], strict=True):
        name, member = members[option.removeprefix("--")]
        text = Path(value.removeprefix("file://")).read_text() if value.startswith("file://") else value
        arguments[name] = [text] if member.type_name == "list" else text
    return arguments


def main(service: str, operation: str, *options: str) -> None:
    client = boto3.client(service)
    operations = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
    if operation == "wait":
        waiter = client.get_waiter(options[0].replace("-", "_"))
        waiter.config.delay = 1
        shape = client.meta.service_model.operation_model(waiter.config.operation).input_shape
        waiter.wait(**arguments_of(shape, list(options[1:])))
        return
    shape = client.meta.service_model.operation_model(operations[operation]).input_shape
    answer = getattr(client, xform_name(operations[operation]))(**arguments_of(shape, list(options)))
    answer.pop("ResponseMetadata", None)
    if answer:
        print(json.dumps(answer, indent=4, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
