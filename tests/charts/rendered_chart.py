"""What the charts render, by helm itself."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml
from chandlery_dev.processes import REPOSITORY

CHARTS = REPOSITORY / "deploy/charts"


@dataclass
class Chart:
    """A chart under a release name, rendered with values."""

    helm: Path
    name: str
    release: str
    namespace: str

    def template(self, *settings: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
        sets = [argument for setting in settings for argument in ("--set-json", setting)]
        command = [self.helm, "template", self.release, CHARTS / self.name, "--namespace", self.namespace, *sets, *flags]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def render(self, *settings: str) -> list[dict]:
        done = self.template(*settings)
        assert done.returncode == 0, done.stderr
        return [each for each in yaml.safe_load_all(done.stdout) if each]

    def refusal(self, *settings: str, flags: tuple[str, ...] = ()) -> str:
        """What helm says of wrong values, or flags."""
        done = self.template(*settings, flags=flags)
        assert done.returncode != 0, "they were taken"
        return done.stderr


def names(objects: list[dict]) -> set[tuple[str, str]]:
    return {(each["kind"], each["metadata"]["name"]) for each in objects}


def find(objects: list[dict], kind: str, name: str) -> dict:
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def container(objects: list[dict], deployment: str) -> dict:
    (only,) = find(objects, "Deployment", deployment)["spec"]["template"]["spec"]["containers"]
    return only
