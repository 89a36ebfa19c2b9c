"""What a release says of the project, in one place: a fork sets the environment variables."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ARCHITECTURES = ("amd64", "arm64")

# Releases are downloaded from here, and documents link to it.
URL = os.environ.get("REPOSITORY_URL", "https://github.com/chandlery/chandlery")
# The registry, and the folder in it, that the images are pushed to.
IMAGES = os.environ.get("IMAGE_PREFIX", "ghcr.io/chandlery")
MAINTAINER = os.environ.get("MAINTAINER", "The Chandlery Authors")
MAINTAINER_EMAIL = os.environ.get("MAINTAINER_EMAIL", "chandlery@users.noreply.github.com")


@dataclass(frozen=True)
class Program:
    name: str
    section: int  # of the manual: 1 for what users call, 8 for servers
    summary: str  # one line, as Debian wants it: no article, no full stop
    description: str
    unit: str = ""  # the systemd service that the .deb package brings
    depends: str = ""  # of the .deb package, besides shared libraries

    @property
    def is_server(self) -> bool:
        return bool(self.unit)


PROGRAMS = (
    Program(
        "service-catalog",
        8,
        "Kubernetes Service Catalog: services of Open Service Brokers as objects",
        "Provisions and binds what Open Service Brokers offer. Controllers and admission webhook for a Kubernetes cluster, and a control plane "
        "of its own for a single machine, which the service service-catalog-local runs.",
        unit="service-catalog-local",
        depends="adduser",
    ),
    Program(
        "aws-servicebroker",
        8,
        "AWS services by CloudFormation templates over the Open Service Broker API",
        "Makes a CloudFormation stack for each service instance, and credentials of its own for each binding. Keeps its records in SQLite or DynamoDB.",
        unit="aws-servicebroker",
        depends="adduser, ca-certificates",
    ),
    Program(
        "svcat",
        1,
        "command line of the Kubernetes Service Catalog",
        "Shows brokers, classes, plans, instances and bindings, and runs commands with the credentials of a binding. kubectl finds it as the plugin svcat.",
    ),
    Program(
        "s3-demo",
        1,
        "sample application that uses the bucket of an S3 binding",
        "Shows that an S3 binding works: each request puts, reads, lists and deletes an item in its bucket.",
    ),
)
