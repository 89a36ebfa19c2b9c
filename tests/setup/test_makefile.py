"""Targets of the Makefile, by what make would run."""

import os
import re
import subprocess

import pytest
from chandlery_dev.processes import REPOSITORY


def dry_run(target: str) -> str:
    command = ["make", "--no-print-directory", "--dry-run", target]
    return subprocess.run(command, cwd=REPOSITORY, env={"PATH": os.environ["PATH"], "HOME": "/nowhere"}, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_release_is_tested_as_it_is():
    """As root, another release would belong to root, and would be compiled with other libraries."""
    assert "-m chandlery_release" not in dry_run("test-release")
    assert "-m chandlery_release" not in dry_run("test-release-root")


@pytest.mark.parametrize("target", ["format", "lint", "tidy"])
def test_what_the_linters_need_is_installed_before(target):
    assert "scripts/setup.sh lint" in dry_run(target)


def test_a_loop_ends_at_the_first_failure():
    recipes = re.sub(r"\\\n\t*", "", (REPOSITORY / "Makefile").read_text())
    loops = [line for line in recipes.splitlines() if re.search(r"\bfor \w+ in .*; do\b", line)]
    assert loops
    assert [line for line in loops if not line.lstrip("\t@").startswith("set -e; ")] == []
