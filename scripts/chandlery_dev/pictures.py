"""python -m chandlery_dev.pictures [diagram|terminal]: the pictures in docs/images.

The diagram is drawn by graphviz from overview.dot, in two sets of colors. The terminal shows a real run: commands of the tutorial for one machine, typed
into a shell under a pseudo-terminal, in the set-up of `make run`.
"""

import fcntl
import html
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from .processes import REPOSITORY, Failure
from .stack import Stack

FOLDER = REPOSITORY / "docs/images"
SOURCE = FOLDER / "overview.dot"
COLORS = {
    "light": {
        "text": "#1a1c23", "muted": "#4a5060", "line": "#6b7280", "box": "#ffffff", "person": "#f3f4f6", "object": "#e3e9fd", "program": "#d5f2e3",
        "aws": "#fdebcf",
    },
    "dark": {
        "text": "#e8eaf0", "muted": "#b3b9c8", "line": "#8b93a5", "box": "#2b303b", "person": "#343a46", "object": "#2c3a66", "program": "#1f4a36",
        "aws": "#58431c",
    },
}  # fmt: skip
TERMINAL = FOLDER / "terminal.svg"
COLUMNS = 100
COMMANDS = [
    "kubectl apply -f samples/s3-demo/namespace.yaml",
    "kubectl apply -f samples/s3-demo/instance.yaml",
    "kubectl get serviceinstances -n s3-demo",
    "kubectl wait --for=condition=Ready --timeout=120s -n s3-demo serviceinstance/s3-bucket",
    "kubectl apply -f samples/s3-demo/binding.yaml",
    "kubectl wait --for=condition=Ready --timeout=60s -n s3-demo servicebinding/s3-binding",
    "kubectl describe secrets/s3-binding -n s3-demo",
    "kubectl delete -f samples/s3-demo/binding.yaml",
    "kubectl delete -f samples/s3-demo/instance.yaml",
]
PROMPT = "\033[1;32m$\033[0m "
END = "\033]0;typed\007"  # sets the title of a terminal; nothing to see


# --- the diagram


def draw(scheme: str) -> str:
    source = re.sub(r"@(\w+)", lambda found: COLORS[scheme][found[1]], SOURCE.read_text())
    drawn = subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, text=True, check=True).stdout
    drawn = re.sub(r"<!--.*?-->\s*|<title>.*?</title>\s*", "", drawn, flags=re.DOTALL)  # comments with graphviz' version, titles that browsers show
    described = html.escape(" ".join(label.replace("\\n", " ") + "." for label in re.findall(r'\[label="([^"]+)"', source)))
    return re.sub(r"(<svg [^>]*>)", rf'\1\n<desc>source: {digest()}. {described}</desc>', drawn, count=1)


def digest() -> str:
    import hashlib

    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]


# --- the terminal


class Terminal:
    """bash under a pseudo-terminal."""

    def __init__(self, environment: dict[str, str]):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(REPOSITORY)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting"], {**environment, "PS1": "", "PS2": "", "TERM": "xterm-256color"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
        settings = termios.tcgetattr(self.terminal)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(self.terminal, termios.TCSANOW, settings)

    def type(self, command: str) -> str:
        """What the terminal shows until the command ends; it must succeed."""
        os.write(self.terminal, f"{command} && printf '{END}'\n".encode())
        shown, deadline = "", time.monotonic() + 180
        while END not in shown:
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failure(f"`{command}` has not succeeded:\n{shown}")
            shown += os.read(self.terminal, 65536).decode(errors="replace")
        return shown.partition(END)[0].replace("\r\n", "\n")

    def close(self) -> None:
        os.write(self.terminal, b"exit\n")
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def record() -> str:
    with tempfile.TemporaryDirectory(prefix="chandlery-pictures-") as folder:
        stack = Stack(Path(folder))
        try:
            stack.start()
            terminal = Terminal(stack.environment())
            shown = "".join(f"{PROMPT}{command}\n{terminal.type(command)}" for command in COMMANDS)
            terminal.close()
        finally:
            stack.stop()
    return re.sub(r"\n{2,}", "\n", shown)


def as_svg(shown: str) -> str:
    import io

    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shown), soft_wrap=False)
    # Without the fonts that rich would have the reader's browser fetch.
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    form = form.replace("Fira Code, monospace", "DejaVu Sans Mono, Menlo, Consolas, monospace").replace("<!-- Generated with Rich https://www.textualize.io -->", "")
    picture = console.export_svg(title="Chandlery", code_format=form, unique_id="terminal")
    plain = html.escape(re.sub(r"\033\[[\d;]*m", "", shown))
    return re.sub(r"(<svg [^>]*>)", lambda found: f"{found[1]}\n<desc>\n{plain}</desc>", picture, count=1)


def main() -> int:
    wanted = sys.argv[1:] or ["diagram", "terminal"]
    if "diagram" in wanted:
        for scheme in COLORS:
            (FOLDER / f"overview-{scheme}.svg").write_text(draw(scheme))
    if "terminal" in wanted:
        TERMINAL.write_text(as_svg(record()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
