"""What mkdocs does for the site besides its own work (mkdocs.yml names this file).

The documents are written for GitHub as well: they link to files outside docs/, and their blocks of commands say what they need. Linked files become pages
below repository/, so that the site has everything that it links to.
"""

import posixpath
import re
import subprocess
from pathlib import Path

from mkdocs.structure.files import File, Files

REPOSITORY = Path(__file__).resolve().parents[1]
OUTSIDE = "repository"
LINK = re.compile(r"(\]\(|(?:href|src|srcset)=\")([^)\s\"#]+)(#[^)\s\"]*)?")
FENCE = re.compile(r"^( *```)sh \w+$", re.MULTILINE)
CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".sh": "sh", ".json": "json", ".py": "python"}


def tracked(folder: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", folder], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def title_of(page: str) -> str:
    found = re.search(r"^# (.+)$", (REPOSITORY / "docs" / page).read_text(), re.MULTILINE)
    return re.sub(r"`", "", found[1]) if found else page


# --- the navigation: a folder stands for its pages, the index first


def pages_of(folder: str) -> list:
    names = sorted(path.name for path in (REPOSITORY / "docs" / folder).glob("*.md"))
    names.sort(key=lambda name: (name != "index.md", title_of(f"{folder}{name}").lower() if folder == "classes/" else name))
    return [f"{folder}{name}" if name == "index.md" else {title_of(f"{folder}{name}"): f"{folder}{name}"} for name in names]


def expanded(nav: list) -> list:
    result = []
    for entry in nav:
        if isinstance(entry, dict):
            ((title, inside),) = entry.items()
            if isinstance(inside, list):
                result.append({title: expanded(inside)})
                continue
            if inside.endswith("/"):
                result.append({title: pages_of(inside)})
                continue
        result.append(entry)
    return result


def on_config(config):
    config.nav = expanded(config.nav)
    return config


# --- links to files outside of docs/


def page_of(path: str) -> str:
    """The page of the site for a file or a folder of the repository."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    visible = "/".join(part.lstrip(".") for part in path.split("/"))  # mkdocs leaves out what begins with a dot
    return f"{OUTSIDE}/{visible}" if path.endswith(".md") else f"{OUTSIDE}/{visible}.md"


SOURCES: dict[str, str] = {}  # of the pages below repository/


def source_of(uri: str) -> str:
    """The file in the repository that a page of the site is made of."""
    return SOURCES.get(uri, f"docs/{uri}")


def is_elsewhere(link: str) -> bool:
    return re.match(r"\w+:", link) is not None


def prose_only(text: str) -> str:
    return CODE.sub("", text)


def text_of(path: str) -> str:
    """A file or folder of the repository as a page."""
    file = REPOSITORY / path
    if path.endswith(".md"):
        return file.read_text()
    head = "---\nsearch:\n  exclude: true\n---\n\n"
    if file.is_dir():
        return f"{head}# {path}\n\n" + "".join(f"- `{name}`\n" for name in tracked(path))
    longest = max((len(found) for found in re.findall(r"`{3,}", file.read_text())), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{head}# {path}\n\n{fence}{LANGUAGES.get(file.suffix, 'text')}\n{file.read_text()}\n{fence}\n"


def on_files(files: Files, config) -> Files:
    SOURCES.clear()
    waiting = [file.src_uri for file in files.documentation_pages()]
    while waiting:
        source = source_of(waiting.pop())
        text = (REPOSITORY / source).read_text() if source.endswith(".md") else ""
        for found in LINK.finditer(prose_only(text)):
            if is_elsewhere(found[2]):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[2]))
            if path.startswith(("docs/", "..")) or page_of(path) in SOURCES or not (REPOSITORY / path).exists():
                continue
            SOURCES[page_of(path)] = path
            files.append(File.generated(config, page_of(path), content=text_of(path)))
            waiting.append(page_of(path))
    return files


def on_page_markdown(markdown: str, page, config, files) -> str:
    source = source_of(page.file.src_uri)
    kept: list[str] = []

    def hide(found: re.Match) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    def relink(found: re.Match) -> str:
        if is_elsewhere(found[2]):
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[2]))
        target = posixpath.relpath(page_of(path), posixpath.dirname(page.file.src_uri) or ".")
        return f"{found[1]}{target}{found[3] or ''}"

    text = LINK.sub(relink, CODE.sub(hide, markdown))
    text = re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], text)
    return FENCE.sub(r"\1sh", text)
