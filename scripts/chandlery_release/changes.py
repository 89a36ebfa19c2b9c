"""What CHANGELOG.md says of a version."""

import re

from .project import REPOSITORY
from .version import Version

# The headings of Keep a Changelog, with the kinds that Artifact Hub knows.
KINDS = {"Added": "added", "Changed": "changed", "Deprecated": "deprecated", "Removed": "removed", "Fixed": "fixed", "Security": "security"}


def section(version: Version, text: str | None = None) -> str:
    """Of the version itself, or of Unreleased where there is no tag for it."""
    text = (REPOSITORY / "CHANGELOG.md").read_text() if text is None else text
    for name in (re.escape(version.semver), "Unreleased"):
        if found := re.search(rf"^## \[{name}\].*?\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL):
            return found[1].strip() + "\n"
    return ""


def entries(version: Version, text: str | None = None) -> list[dict[str, str]]:
    """As Artifact Hub lists them: {kind, description}."""
    result = []
    kind = None
    for line in section(version, text).splitlines():
        if heading := re.fullmatch(r"### (.*)", line):
            kind = KINDS.get(heading[1])
        elif kind and (first := re.match(r"- (.*)", line)):
            result.append({"kind": kind, "description": first[1]})
        elif kind and result and line.startswith("  ") and not line.strip().startswith("- "):
            result[-1]["description"] += " " + line.strip()
    return result
