#!/usr/bin/env python3
"""Holds the includes of src/ to the layer table of docs/architecture.md, and keeps Beast and TLS within src/net.

Prints each violation as file:line: what; exits 1 where there is one.
"""

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENT = REPOSITORY / "docs/architecture.md"
ROW = re.compile(r"^\| `src/(?P<folder>\w+)` \|.*\| (?P<uses>[^|]+) \|$", re.MULTILINE)
INCLUDE = re.compile(r'^#include [<"](?P<path>[^>"]+)[>"]')
FIREWALLED = ("boost/beast", "boost/asio/ssl")


def layer_table() -> dict[str, set[str]]:
    """Each folder with everything that it may include, what its neighbours may use included."""
    direct = {
        row["folder"]: set() if row["uses"].strip() == "nothing" else {name.strip() for name in row["uses"].split(",")}
        for row in ROW.finditer(DOCUMENT.read_text())
    }

    def reach(folder: str) -> set[str]:
        return {folder}.union(*(reach(name) for name in direct[folder]))

    return {folder: reach(folder) for folder in direct}


def includes_of(file: Path) -> list[tuple[int, str]]:
    lines = enumerate(file.read_text().splitlines(), 1)
    return [(number, found["path"]) for number, line in lines if (found := INCLUDE.match(line))]


def walled_headers() -> set[str]:
    """Headers of src/net that Beast or TLS come in with, themselves or by another of them."""
    headers = {f"net/{file.name}": [path for _, path in includes_of(file)] for file in (REPOSITORY / "src/net").glob("*.hpp")}
    walled: set[str] = set()
    while more := {
        name for name, paths in headers.items() if name not in walled and any(path.startswith(FIREWALLED) or path in walled for path in paths)
    }:
        walled |= more
    return walled


def violations():
    table = layer_table()
    walled = walled_headers()
    folders = {path.name for path in (REPOSITORY / "src").iterdir() if path.is_dir()}
    for folder in sorted(folders ^ set(table)):
        yield f"{DOCUMENT.relative_to(REPOSITORY)}: src/{folder} is in the table or in the tree, but not in both"
    for file in sorted((REPOSITORY / "src").rglob("*.[ch]pp")):
        name = file.relative_to(REPOSITORY)
        folder = name.parts[1]
        for number, path in includes_of(file):
            included = path.split("/")[0]
            if included in table and included not in table.get(folder, set()):
                yield f"{name}:{number}: src/{folder} may not use src/{included}"
            if folder != "net" and (path.startswith(FIREWALLED) or path in walled):
                yield f"{name}:{number}: {path} may be included by src/net only: Beast and TLS come in with it"


def main() -> int:
    found = list(violations())
    print("\n".join(found) if found else f"The includes of {len(layer_table())} folders hold to {DOCUMENT.relative_to(REPOSITORY)}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
