"""Every link within the documents leads somewhere: the file is there, and the heading in it."""

import re

import documents

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
