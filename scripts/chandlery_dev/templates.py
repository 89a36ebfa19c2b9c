"""Our templates as CloudFormation gets them: with what the broker adds."""

import subprocess

from .processes import REPOSITORY
from .stack import bin_dir

FOLDER = REPOSITORY / "templates"


def class_names() -> list[str]:
    return sorted(path.name.removesuffix("-main.yaml") for path in FOLDER.glob("*-main.yaml"))


def expanded(class_name: str) -> str:
    command = [str(bin_dir() / "aws-servicebroker"), "lint", "--print", str(FOLDER / f"{class_name}-main.yaml")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
