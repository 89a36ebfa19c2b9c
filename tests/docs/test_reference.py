"""docs/reference is what the programs, the charts and the sources say."""

from chandlery_dev import reference


def test_the_pages_are_what_make_reference_would_write():
    stale = [path.name for path, text in reference.pages().items() if path.read_text() != text]
    assert stale == [], "run `make reference`"


def test_no_page_is_left_that_nobody_makes():
    assert {path.name for path in reference.FOLDER.iterdir()} == set(reference.PAGES)


def test_each_metric_that_the_sources_write_is_found_in_them():
    writes = sum(
        len([line for line in file.read_text().splitlines() if "metrics" in line and any(f"{call}(" in line for call in reference.METRIC_KINDS)])
        for folder in ("src", "apps")
        for file in (reference.REPOSITORY / folder).rglob("*.cpp")
        if file.name != "metrics.cpp"
    )
    assert sum(len(reference.metrics_in(folder)) for folders in reference.SERVED_BY.values() for folder in folders) == writes
