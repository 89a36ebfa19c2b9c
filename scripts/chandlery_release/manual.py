"""Manual pages of the programs, made of what their --help says."""

import re
import subprocess
from pathlib import Path

from chandlery_dev.reference import sections_of

from .project import URL, Program
from .version import Version

SEE_ALSO = {
    "service-catalog": "aws-servicebroker(8), svcat(1), kubectl(1)",
    "aws-servicebroker": "service-catalog(8), svcat(1)",
    "svcat": "service-catalog(8), kubectl(1)",
    "s3-demo": "svcat(1)",
}
FILES = {
    "service-catalog": [
        ("/etc/default/service-catalog-local", "Environment of the service service-catalog-local (Debian package)."),
        ("/var/lib/service-catalog", "What it keeps: objects, keys, and the administrator's kubeconfig."),
    ],
    "aws-servicebroker": [
        ("/etc/default/aws-servicebroker", "Environment of the service aws-servicebroker (Debian package)."),
        ("/var/lib/aws-servicebroker", "Its records, and the key that secrets in them are sealed with."),
    ],
}


def page(program: Program, binary: Path, version: Version) -> str:
    lines = [
        f".TH {program.name.upper()} {program.section} {version.date} {quoted(f'Chandlery {version.semver}')}",
        ".SH NAME",
        f"{escaped(program.name)} \\- {escaped(program.summary)}",
    ]
    lines += command_of(binary, [program.name])
    if files := FILES.get(program.name):
        lines.append(".SH FILES")
        for path, said in files:
            lines += [".TP", f".I {escaped(path)}", escaped(said)]
    lines += [".SH SEE ALSO", escaped(SEE_ALSO[program.name]) + ".", ".PP", escaped(URL)]
    return "\n".join(lines) + "\n"


def command_of(binary: Path, command: list[str]) -> list[str]:
    """Of the program, and then of each of its commands, one level of headings lower."""
    text = subprocess.run([binary, *command[1:], "--help"], capture_output=True, text=True, check=True, env={"HOME": "/"}).stdout
    said, _, rest = text.partition("Usage: ")
    usage = rest.splitlines()[0]
    sections = sections_of(rest)
    commands = sections.pop("Subcommands", [])
    top = len(command) == 1
    lines = [".SH SYNOPSIS"] if top else [f".SS {quoted(' '.join(command))}"]
    words = usage.split()
    lines += [f".B {escaped(' '.join(words[: len(command)]))}", escaped(" ".join(words[len(command) :]))]
    lines += [".SH DESCRIPTION"] if top else [".PP"]
    lines += [line for paragraph in said.strip().splitlines() for line in (escaped(paragraph), ".br")][:-1]
    if top:
        lines.append(".SH OPTIONS")
    for heading, entries in sections.items():
        shown = [(left, of) for left, of in entries if top or not left.startswith("-h,")]
        if not shown:
            continue
        if top and heading != "Options":
            lines.append(f".SS {quoted(heading)}")
        for left, of in shown:
            lines += [".TP", flag(left), escaped(of) or "."]
    if top and commands:
        lines.append(".SH COMMANDS")
    for names, _ in commands:
        lines += command_of(binary, [*command, names.split(",")[0]])
    return lines


def flag(left: str) -> str:
    """`--port UINT=3199 (Env:PORT)`: the names bold, the rest as it is, the environment variable by its name."""
    environment = re.search(r" \(Env:(\w+)\)", left)
    left = left.replace(environment[0], "") if environment else left
    names, _, value = re.sub(r" Excludes: \S+| REQUIRED|\{false\}", "", left).partition(" ")
    text = "\\fB" + "\\fR, \\fB".join(escaped(name) for name in names.split(",")) + "\\fR"
    if value:
        kind, _, default = value.partition("=")
        text += f" \\fI{escaped(kind)}\\fR" + (f" (default: {escaped(default)})" if default else "")
    return text + (f" (environment: \\fI{escaped(environment[1])}\\fR)" if environment else "")


def escaped(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith((".", "\\(aq")) else text


def quoted(text: str) -> str:
    return '"' + escaped(text).replace('"', "\\(dq") + '"'
