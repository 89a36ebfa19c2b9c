"""The pictures in docs/images are what `make pictures` would make of their sources now, as far as that can be told without making them."""

import re
from xml.etree import ElementTree

import documents
import pytest
from chandlery_dev import pictures


def described(name: str) -> str:
    found = ElementTree.parse(pictures.FOLDER / name).getroot().find("{http://www.w3.org/2000/svg}desc")
    assert found is not None and found.text
    return found.text


@pytest.mark.parametrize("scheme", pictures.COLORS)
def test_the_diagram_is_drawn_from_its_present_source(scheme):
    assert f"source: {pictures.digest()}" in described(f"overview-{scheme}.svg"), "run `make pictures`"


def test_the_terminal_shows_commands_of_the_tutorial():
    typed = re.findall(r"^\$ (.*)$", described(pictures.TERMINAL.name), re.M)
    assert typed == pictures.COMMANDS, "run `make pictures`"
    tutorial = documents.command_lines(documents.REPOSITORY / "docs/tutorials/one-machine.md")
    assert [command for command in typed if command not in tutorial] == []


def test_the_terminal_shows_no_secret():
    assert re.findall(r"AKIA\w+|[A-Za-z0-9/+]{40}", described(pictures.TERMINAL.name)) == []
