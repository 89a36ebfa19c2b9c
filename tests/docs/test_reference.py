"""docs/reference and docs/classes are what the programs, the charts, the templates and the sources say."""

import re

import pytest
import yaml
from chandlery_dev import class_pages, reference


def test_the_pages_are_what_make_reference_would_write():
    stale = [path.name for path, text in reference.pages().items() if path.read_text() != text]
    assert stale == [], "run `make reference`"


def test_no_page_is_left_that_make_reference_does_not_write():
    assert {*reference.FOLDER.iterdir(), *class_pages.FOLDER.iterdir()} == set(reference.pages())


@pytest.mark.parametrize("name", class_pages.class_names())
def test_the_example_of_a_class_gives_what_the_template_allows(name):
    described = class_pages.Class(name)
    instance, _ = yaml.safe_load_all(class_pages.manifest(described))
    for parameter, value in instance["spec"].get("parameters", {}).items():
        declared = described.parameters[parameter]
        assert value in declared.get("AllowedValues", [value])
        assert re.search(declared.get("AllowedPattern", ""), value)


@pytest.mark.parametrize("name", class_pages.class_names())
def test_each_key_of_a_class_is_explained(name):
    page = (class_pages.FOLDER / f"{name}.md").read_text()
    keys = page.partition("## Keys of the Secret")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|\s*\|$", keys, re.M) == []


def test_each_metric_that_the_sources_write_is_found_in_them():
    writes = sum(
        len([line for line in file.read_text().splitlines() if "metrics" in line and any(f"{call}(" in line for call in reference.METRIC_KINDS)])
        for folder in ("src", "apps")
        for file in (reference.REPOSITORY / folder).rglob("*.cpp")
        if file.name != "metrics.cpp"
    )
    assert sum(len(reference.metrics_in(folder)) for folders in reference.SERVED_BY.values() for folder in folders) == writes
