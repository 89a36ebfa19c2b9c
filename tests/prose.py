#!/usr/bin/env python3
"""proselint over the documents, without their code. Prints `file:line: what it found`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from words import REPOSITORY, documents, prose_of

# Quotation marks; words that a heading and its text share; "At-least-once"; "kube-apiserver and etcd", which it takes for "and etc.".
LEFT_OUT = ("typography.", "lexical_illusions", "misc.phrasal_adjectives.ly", "redundancy.misc.after_the_deadline")


def main() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        copies: dict[Path, str] = {}
        for number, document in enumerate(documents()):
            copy = Path(folder) / f"{number}.md"
            copy.write_text(prose_of(document.read_text()))
            copies[copy] = str(document.relative_to(REPOSITORY))
        command = [str(Path(sys.executable).parent / "proselint"), "check", *map(str, copies)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in found.stdout.splitlines():
            path, _, rest = line.partition(":")
            if Path(path) in copies and not rest.split(": ")[1].startswith(LEFT_OUT):
                print(f"{copies[Path(path)]}:{rest}")
                wrong += 1
        if not copies or found.stderr:
            print(found.stderr)
            return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
