"""The version of a release, from scripts/version.sh, in the forms that different formats take."""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime

from .project import REPOSITORY


@dataclass(frozen=True)
class Version:
    semver: str  # 1.0.0, 1.0.0-rc.1, 1.0.1-dev.5.g1a2b3c4d5: of programs, charts, images, archives
    commit: str
    time: int  # of the commit, seconds since 1970

    @property
    def deb(self) -> str:
        """Debian sorts what follows a tilde before the version without it, as semver sorts prereleases."""
        release, _, prerelease = self.semver.partition("-")
        return f"{release}~{prerelease.replace('-', '.')}" if prerelease else release

    @property
    def tag(self) -> str:
        return f"v{self.semver}"

    @property
    def ref(self) -> str:
        """What documents of this version are found by: the tag, or the commit where there is none."""
        return self.commit if re.search(r"[-.]dev(\.|$)", self.semver) else self.tag

    @property
    def is_prerelease(self) -> bool:
        return "-" in self.semver

    @property
    def date(self) -> str:
        return datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%d")


def current() -> Version:
    said = subprocess.run([REPOSITORY / "scripts/version.sh"], capture_output=True, text=True, check=True).stdout
    semver, commit, time = said.split()
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", semver):
        raise SystemExit(f"{semver} is not a semantic version")
    return Version(semver, commit, int(time))
