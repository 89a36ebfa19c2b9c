"""What `make site` finds in the pages that it has built."""

import pytest
from chandlery_dev import site_check

PAGE = '<html><body><h1 id="top">A page</h1>{}</body></html>'


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ('<a href="other.html#there">link</a> <a href="#top">up</a> <a href="https://example.com/">elsewhere</a>', []),
        ('<a href="missing.html">link</a>', ["index.html: missing.html leads nowhere"]),
        ('<a href="other.html#gone">link</a>', ["index.html: other.html#gone names an anchor that other.html does not have"]),
        ('<img src="missing.svg">', ["index.html: missing.svg leads nowhere"]),
        ('<img src="https://example.com/a.png">', ["index.html: loads https://example.com/a.png from elsewhere"]),
        ('<script src="//example.com/a.js"></script>', ["index.html: loads //example.com/a.js from elsewhere"]),
        ('<link rel="stylesheet" href="https://example.com/a.css">', ["index.html: loads https://example.com/a.css from elsewhere"]),
        ('<img src="data:image/png;base64,AAAA">', []),
    ],
)
def test_a_page_is_searched_for_broken_links_and_for_what_it_loads(tmp_path, inside, found):
    (tmp_path / "index.html").write_text(PAGE.format(inside))
    (tmp_path / "other.html").write_text(PAGE.format('<p id="there"></p>'))
    assert site_check.findings(tmp_path) == found


def test_style_sheets_and_pictures_load_nothing_from_elsewhere(tmp_path):
    (tmp_path / "index.html").write_text(PAGE.format(""))
    (tmp_path / "a.css").write_text('@import "https://example.com/b.css"; p { background: url(https://example.com/c.png) }')
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><style>@font-face { src: url("https://example.com/d.woff") }</style></svg>')
    found = site_check.findings(tmp_path)
    assert [one.split(" loads ")[1].split()[0] for one in found] == [
        "https://example.com/b.css",
        "https://example.com/c.png",
        "https://example.com/d.woff",
    ]


def test_an_empty_folder_is_no_site(tmp_path):
    assert site_check.findings(tmp_path) == [f"{tmp_path} has no pages"]
