"""Kubernetes with a node, the images on it, the AWS emulator in its network, and the commands of whoever installs the charts."""

from pathlib import Path

import pytest
from chandlery_dev import tools
from chandlery_dev.node import ADDRESS, Node
from chandlery_dev.processes import REPOSITORY
from chandlery_dev.stack import Stack
from installed import Installed

IMAGES = REPOSITORY / "build/images"
PROGRAMS = ("service-catalog", "aws-servicebroker", "svcat", "s3-demo")


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    stack = NodeStack(folder)
    try:
        yield stack.start()
    finally:
        stack.stop()


class NodeStack(Stack):
    """Without broker and catalog, which are the charts' to bring."""

    address = ADDRESS

    def start(self) -> "NodeStack":
        self.control_plane = Node(self.folder / "node", self.kubeconfig, self.api_port)
        self.control_plane.start()
        for program in PROGRAMS:
            self.control_plane.load(IMAGES / f"{program}.tar")
        self.emulator.start()
        return self


@pytest.fixture(scope="session")
def helm() -> Path:
    return tools.find("helm")


@pytest.fixture(scope="module")
def installed(node, helm) -> Installed:
    return Installed(node, helm)
