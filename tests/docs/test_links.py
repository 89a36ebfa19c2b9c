"""Every link within the documents leads somewhere: the file is there, and the heading in it."""

import itertools
import re

import documents
import yaml

LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", documents.outside_of_blocks(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_file_and_to_a_heading_of_it():
    broken = []
    for page in documents.pages():
        for link in LINK.findall(documents.outside_of_blocks(page)):
            if re.match(r"https?://", link):
                continue
            path, _, anchor = re.sub(r"#only-(light|dark)$", "", link).partition("#")  # what the site shows a picture for
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{documents.name_of(page)}: {link}")
    assert broken == []


def test_every_page_is_linked_from_another():
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in documents.pages()
        for link in LINK.findall(documents.outside_of_blocks(page))
        if not link.startswith(("http", "#"))
    }
    lost = [documents.name_of(page) for page in documents.pages() if page not in linked and page.name != "README.md"]
    assert lost == []


def in_navigation(nav) -> set[str]:
    if isinstance(nav, str):
        folder = documents.REPOSITORY / "docs" / nav
        return {str(page.relative_to(documents.REPOSITORY / "docs")) for page in folder.glob("*.md")} if nav.endswith("/") else {nav}
    inside = nav.values() if isinstance(nav, dict) else nav
    return set().union(*map(in_navigation, inside))


def test_every_page_is_in_the_navigation_of_the_site():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
    nav = yaml.load((documents.REPOSITORY / "mkdocs.yml").read_text(), Loader)["nav"]
    docs = documents.REPOSITORY / "docs"
    assert in_navigation(nav) == {str(page.relative_to(docs)) for page in docs.rglob("*.md")}


def test_lists_and_blocks_are_written_so_that_the_site_shows_them_too():
    """Python-Markdown begins a list only after an empty line, and takes a block for part of a numbered list only if it is indented by four spaces."""
    wrong = []
    for page in documents.pages():
        text = documents.FENCE.sub(lambda found: found[1] + "block\n", page.read_text())
        for before, line in itertools.pairwise(text.splitlines()):
            begins_list = re.match(r"- |1\. ", line) and before.strip() and not re.match(r"\s*(- |\d+\. |#)|\s{2,}", before)
            if begins_list or re.fullmatch(r" {1,3}block", line):
                wrong.append(f"{documents.name_of(page)}: {before} / {line}")
    assert wrong == []
