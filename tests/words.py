#!/usr/bin/env python3
"""Words and turns of phrase that the documents do not use, with what to write instead.

Kubernetes' documentation is the model: short sentences, the subject first, words that a native reader does not stop at. What was weeded out is listed here,
so that it does not come back. Code, in backquotes or fenced, is not looked at. Prints `file:line: what was found: what to write`.
"""

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
NOT_CHECKED = ("README.ja.md", "docs/tutorials/one-machine.ja.md")  # other languages

# A regular expression (case does not matter), and what to write.
WORDS = {
    r"(?<!there )\b(?:is|are|was|were) (?-i:no) (?!longer|more|less|fewer|need|way|such|other|different)": "is not a …, are not …",
    r"\bwhat is no\b|\bwhich is no\b": "is not a …",
    r"\banew\b|\bafresh\b": "again, new",
    r"\bwhoever\b": "anyone who, the user who",
    r"\bnobody\b|\bnobody's\b": "no one, nothing",
    r"\bsomebody\b": "someone, another user",
    r"\beverybody\b": "everyone, all users",
    r"\banybody\b": "anyone",
    r"\btold (?:in|by)\b|\btells? of\b|\bspeaks? of\b": "reported in, reports, describes",
    r"\bin a hurry\b|\bhurry\b": "immediately, say what triggers it",
    r"\blook(?:s|ed|ing)? after\b": "manages, watches",
    r"\bgives? way\b|\bgiving way\b": "stops, yields to",
    r"\bin the way of\b": "like, prevents",
    r"\bhindrances?\b": "does not prevent",
    r"\bof too much\b|\bof before\b|\bof late\b": "too large, previous, recently",
    r"\ball the same\b|\bnonetheless\b": "even so, still",
    r"\bto be had\b|\bcan be had\b": "available",
    r"\b(?:thereof|therein|thereby|wherein|whereof|whence|thence|hence|heretofore|forthwith|lest)\b": "rewrite the sentence",
    r"\bshall\b": "must, should, will",
    r"\bby chance\b": "at random",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bhang-?ups?\b": "closed connections",
    r"\bthese are no\b|\bthose are no\b": "are not",
    r"\bof (?:its|their|his|her) own accord\b": "by itself, automatically",
    r"\bbegets?\b|\bbefalls?\b|\bbefell\b": "causes, happens to",
    r"\bsimply\b|\bplease\b|\bof course\b": "leave it out",
    r"\be\.g\.|\bi\.e\.|\betc\.": "for example, that is, and so on",
    r"\butili[sz]e[sd]?\b|\bleverages?\b": "use",
    r"\bat once\b": "immediately, at the same time",
    r"\bmeanwhile\b": "in the meantime, while",
    r"\bthe same holds\b": "the same is true",
    r"\bwhere (?:it|they|one|none) (?:is|are|was|were) (?:absent|missing|given|left out)\b": "if …, without …",
    r"\bmak(?:es?|ing) (?:an?|the) (?:stack|bucket|user|key|certificate|binding|instance|table|resource)\b": "creates",
    r"\bworked on\b|\bworks on them\b": "changed, processed",
    r"\b(?:go|goes|went) on (?:as|by|where)\b": "continues",
    r"\bin one go\b|\bin vain\b|\bto no good\b": "rewrite the sentence",
    r"\bbring(?:s|ing)? (?:it |them )?along\b": "includes",
    r"\b(the|a|an|is|are|of|to|in|and|or|that|it) \1\b": "a word twice",
}
CHECKED = [(re.compile(expression, re.IGNORECASE), instead) for expression, instead in WORDS.items()]
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->", re.DOTALL)


def blank(found: re.Match) -> str:
    return re.sub(r"[^\n]", "_", found[0])


def findings(text: str) -> list[tuple[int, str, str]]:
    """Line, what was found, what to write."""
    prose = prose_of(text)
    return sorted(
        (prose.count("\n", 0, found.start()) + 1, found[0].strip(), instead) for expression, instead in CHECKED for found in expression.finditer(prose)
    )


def prose_of(text: str) -> str:
    """The text with its code blanked, on the same lines."""
    return CODE.sub(blank, FENCE.sub(blank, text))


def documents() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    return [REPOSITORY / name for name in listed if name not in NOT_CHECKED]


def main() -> int:
    wrong = 0
    for document in documents():
        for line, found, instead in findings(document.read_text()):
            print(f"{document.relative_to(REPOSITORY)}:{line}: {found!r}: {instead}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
