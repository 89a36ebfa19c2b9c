"""python -m chandlery_dev.site_check FOLDER: whether the built site is whole, and loads nothing from elsewhere.

Every link within it leads to a file, and to an anchor in it; what a page or a style sheet loads is in the site.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("source", "srcset"), ("object", "data"), ("use", "href")}
LINKS = {("a", "href"), ("area", "href")}
NOT_LOADED = {"canonical", "prev", "next", "edit", "alternate"}  # <link rel=…> that only name something


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.anchors: set[str] = set()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        for name, value in values.items():
            if (tag, name) in LINKS or ((tag, name) == ("link", "href") and values.get("rel") in NOT_LOADED):
                self.links.append(value)
            elif (tag, name) in LOADS:
                self.loads.append(value)


def is_outside(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def findings(site: Path) -> list[str]:
    pages = {path.resolve(): Page(path.read_text()) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        found += [f"{name}: loads {address} from elsewhere" for address in page.loads if is_outside(address)]
        for address in page.loads + page.links:
            parts = urlsplit(address)
            if is_outside(address) or parts.scheme == "data" or name == Path("404.html"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                found.append(f"{name}: {address} leads nowhere")
            elif parts.fragment and target in pages and not parts.fragment.startswith("__") and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{name}: {address} names an anchor that {target.name} does not have")
    for sheet in sorted(site.rglob("*.css")):
        text = sheet.read_text()
        outside = re.findall(r"@import\s+[\"'](\w+:[^\"']+)|url\(\s*[\"']?((?:https?:)?//[^)\"']+)", text)
        found += [f"{sheet.relative_to(site)}: loads {one or other} from elsewhere" for one, other in outside]
    for picture in sorted(site.rglob("*.svg")):
        outside = re.findall(r"(?:xlink:href|href|src)=\"(https?:[^\"]+)|url\([\"']?(https?:[^)\"']+)", picture.read_text())
        found += [f"{picture.relative_to(site)}: loads {one or other} from elsewhere" for one, other in outside]
    if not pages:
        found.append(f"{site} has no pages")
    return found


def main() -> int:
    site = Path(sys.argv[1])
    found = findings(site)
    print("\n".join(found) or f"{len(list(site.rglob('*.html')))} pages, all links lead somewhere, nothing is loaded from elsewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
