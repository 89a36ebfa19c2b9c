"""The documents: their pages, their commands, and what they name.

A block of commands is fenced, ```sh. Those without a further word are run by a test as they stand, in the set-up of `make run`; `aws` marks what needs an
account of AWS, `cluster` what needs a cluster with its nodes (tests/node runs those of install.md and operations.md), `yours` what works on files or objects of the reader's own.
"""

import re
from pathlib import Path

from chandlery_dev.processes import REPOSITORY

RUN_BY_A_TEST = ("README.md", "docs/tutorials/one-machine.md")  # tests/e2e/test_readme.py
TRANSLATIONS = {"README.ja.md": "README.md", "docs/tutorials/one-machine.ja.md": "docs/tutorials/one-machine.md"}
GENERATED = ("reference", "classes")
FENCE = re.compile(r"^( *)```(.*)\n((?:.*\n)*?)\1```$", re.M)


def pages() -> list[Path]:
    return [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]


def written_pages() -> list[Path]:
    return [page for page in pages() if page.parent.name not in GENERATED]


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def blocks(page: Path) -> list[tuple[str, str]]:
    """The info string and the text of each fenced block."""
    return [(found[2], re.sub(rf"^{found[1]}", "", found[3], flags=re.M)) for found in FENCE.finditer(page.read_text())]


def scripts(page: Path) -> list[str]:
    """The blocks of commands that need nothing but this machine."""
    return [text for info, text in blocks(page) if info == "sh"]


def command_lines(page: Path) -> list[str]:
    """Every command of the page's blocks, whatever it needs, on one line each."""
    joined = [re.sub(r"\\\n\s*", "", text) for info, text in blocks(page) if info.split()[:1] == ["sh"]]
    return [line.strip() for text in joined for line in text.splitlines() if line.strip()]


def outside_of_blocks(page: Path) -> str:
    return FENCE.sub("", page.read_text())
