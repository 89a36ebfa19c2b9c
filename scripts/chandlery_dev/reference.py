"""The pages of docs/reference, made of what says it first: the programs' --help, the charts' values with their schemas, the sources' declarations;
and those of docs/classes (class_pages).

python -m chandlery_dev.reference writes them; tests/docs fails where they are not what this would write.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import yaml

from . import class_pages
from .processes import REPOSITORY, bin_dir

FOLDER = REPOSITORY / "docs/reference"
NOTE = "<!-- Made by `make reference`; edit what it is made of instead. -->\n"
LITERAL = r'"((?:[^"\\]|\\.)*)"'


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"


def escaped(cell: str) -> str:
    """`<hex>` is not a tag."""
    cell = cell.replace("|", "\\|")
    return cell if "`" in cell else re.sub(r"<(?!br>)", "&lt;", cell)


def code(text: str) -> str:
    return f"`{text}`" if text else ""


# --- flags


def help_of(program: str, *command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": "/"}  # nothing that would be shown as a default
    return subprocess.run([bin_dir() / program, *command, "--help"], capture_output=True, text=True, check=True, env=environment).stdout


def sections_of(text: str) -> dict[str, list[tuple[str, str]]]:
    """What CLI11 prints, by its headings: what stands left (a flag, a subcommand), and what is said of it."""
    sections: dict[str, list[tuple[str, str]]] = {}
    entries: list[tuple[str, str]] = []
    for line in text.splitlines():
        if heading := re.fullmatch(r"(\w[\w ]*):", line):
            entries = sections.setdefault(heading[1], [])
        elif entry := re.fullmatch(r"  (\S.*?)(?:  +(.*))?", line):
            left, said = entry[1], entry[2] or ""
            if environment := re.fullmatch(r"(.* \(Env:\w+\)) (?!Excludes:)(.*)", left):
                left, said = environment[1], environment[2]  # too long for two spaces between
            entries.append((left, said.strip()))
        elif line.startswith("   ") and entries:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line.strip()}".strip())
    return sections


def flag_row(left: str, said: str) -> list[str]:
    left = re.sub(r" Excludes: \S+| REQUIRED|\{false\}", "", left)
    environment = re.search(r" \(Env:(\w+)\)", left)
    left = left.replace(environment[0], "") if environment else left
    names, _, value = left.partition(" ")
    kind, _, default = value.partition("=")
    if one_of := re.fullmatch(r"TEXT:\{(.*)\}", kind):
        kind = ", ".join(code(one) for one in one_of[1].split(","))
    elif between := re.fullmatch(r"U?INT:INT in \[(\d+) - (\d+)\]", kind):
        kind = f"{between[1]} to {between[2]}"
    else:
        kind = {"TEXT": "text", "UINT": "number", "INT": "number", "TEXT ...": "text, several"}.get(kind, kind)
    name = "<br>".join(code(one) for one in names.split(","))
    return [name, kind, code(default), code(environment[1] if environment else ""), said]


def flags_of(program: str, *command: str) -> str:
    sections = sections_of(help_of(program, *command))
    subcommands = sections.pop("Subcommands", [])
    result = f"\n## {' '.join([program, *command])}\n"
    for heading, entries in sections.items():
        rows = [flag_row(*entry) for entry in entries if not entry[0].startswith(("-h,", "--version"))]
        if rows:
            result += (f"\n**{heading}**\n" if heading not in ("Options", "Positionals") else "") + "\n"
            result += table(["Argument" if heading == "Positionals" else "Flag", "Value", "Default", "Environment", "What it is"], rows)
    if subcommands:
        result += "\n" + table(["Command", "What it does"], [[code(names), said] for names, said in subcommands])
    for names, _ in subcommands:
        if names in ("doctor", "completion"):
            continue
        inner = flags_of(program, *command, names.split(",")[0])
        result += inner if inner.count("\n") > 2 else ""  # it has no flags of its own
    return result


def flags() -> str:
    text = "# Flags\n\n`--help` of each program shows the same. A flag overrides its environment variable.\n"
    text += flags_of("aws-servicebroker")
    text += "\n`aws-servicebroker doctor` has the same flags.\n"
    return text + "".join(flags_of(program) for program in ("service-catalog", "svcat", "s3-demo"))


# --- the charts' values


def allowed(schema: dict) -> str:
    if "enum" in schema:
        return ", ".join(code(json.dumps(value) if not isinstance(value, str) else value or '""') for value in schema["enum"])
    kind = schema.get("type", "")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    ends = [str(schema[end]) for end in ("minimum", "maximum") if end in schema]
    return kind + (f" {' to '.join(ends)}" if len(ends) == 2 else "")


def values_of(chart: str, flags_by_part: dict[str, str], folder: Path | None = None) -> str:
    folder = folder or REPOSITORY / "deploy/charts" / chart
    schema = json.loads((folder / "values.schema.json").read_text())
    defaults = yaml.safe_load((folder / "values.yaml").read_text())
    rows = []
    path: list[str] = []
    comment: list[str] = []
    for line in (folder / "values.yaml").read_text().splitlines():
        if alone := re.fullmatch(r" *# (.*)", line):
            comment.append(alone[1])
            continue
        if not (entry := re.fullmatch(r"( *)(\w+):(.*)", line)):
            comment = []  # of the file, where a blank line follows
            continue
        path = [*path[: len(entry[1]) // 2], entry[2]]
        beside = re.search(r"  ?# (.*)", entry[3])
        said = " ".join([*comment, *([beside[1]] if beside else [])])
        comment = []
        value, of = defaults, schema
        for name in path:
            value, of = value[name], resolved(of["properties"][name], schema)
        if isinstance(value, dict) and value and not entry[3].split("#")[0].strip():
            if said:
                rows.append([code(".".join(path)), "", "", said])
            continue
        flag = re.sub(r"([A-Z])", lambda found: "-" + found[1].lower(), path[-1])
        if not said and len(path) == 2 and f"`--{flag}`" in flags_by_part.get(path[0], ""):
            said = f"The flag `--{flag}`"
        said = said or of.get("description", "")
        rows.append([code(".".join(path)), allowed(of), code(json.dumps(value)), said])
    return f"\n## {chart}\n\n" + table(["Value", "Type", "Default", "What it is"], rows)


def resolved(of: dict, schema: dict) -> dict:
    while "$ref" in of:
        target = schema
        for name in of["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        of = target
    return of


def values() -> str:
    parts = {part: flags_of("service-catalog", program) for part, program in (("webhook", "webhook"), ("controllerManager", "controller-manager"))}
    text = "# Values of the Helm charts\n\nThe charts refuse unknown values and values of the wrong type, and name them.\n"
    return text + values_of("catalog", parts) + values_of("aws-servicebroker", {})


# --- what the sources declare

METRIC_CALL = re.compile(rf"\.?\b(increment|set_gauge|observe_seconds)\(\s*{LITERAL},\s*((?:{LITERAL}\s*)+),")
METRIC_KINDS = {"increment": "counter", "set_gauge": "gauge", "observe_seconds": "histogram, in seconds"}
SERVED_BY = {
    "aws-servicebroker": ("src/broker", "apps/aws-servicebroker"),
    "service-catalog controller-manager, and local": ("src/catalog", "src/runtime"),
    "service-catalog local": ("src/apiserver",),
}


def metrics_in(folder: str) -> list[list[str]]:
    rows = []
    for file in sorted((REPOSITORY / folder).rglob("*.cpp")):
        text = file.read_text()
        for call in METRIC_CALL.finditer(text):
            statement = text[call.end() : text.index(";", call.end())]
            labels = ", ".join(code(name) for name in re.findall(r'\{"(\w+)",', statement))
            said = "".join(re.findall(LITERAL, call[3]))
            rows.append([code(call[2]), METRIC_KINDS[call[1]], labels, said.rstrip(".")])
    return rows


def metrics() -> str:
    text = "# Metrics\n\nThe programs serve metrics at `/metrics`, in the Prometheus format. A metric appears when it has a value.\n"
    for program, folders in SERVED_BY.items():
        rows = sorted(row for folder in folders for row in metrics_in(folder))
        text += f"\n## {program}\n\n" + table(["Metric", "Kind", "Labels", "What it is"], rows)
    return text


def declared(path: str) -> list[tuple[str, str, str]]:
    """Each constant of a header: what is said beside it, or else in the comment above it or those that it stands with; its name; its text."""
    found: list[tuple[str, str, str]] = []
    comment, is_open = "", False
    for line in re.sub(r"=\n +", "= ", (REPOSITORY / path).read_text()).splitlines():
        if above := re.match(r"// (.*)", line):
            comment = f"{comment} {above[1]}" if is_open else above[1]
        elif constant := re.match(rf"inline constexpr .*?(\w+) = {LITERAL};(?:  // (.*))?", line):
            found.append((constant[3] or comment, constant[1], constant[2]))
        is_open = line.startswith("// ")
    return found


def conditions() -> str:
    used = "".join(file.read_text() for file in (REPOSITORY / "src/catalog").rglob("*.cpp"))
    types = [[code(text), said] for said, _, text in declared("src/catalog/api/conditions.hpp")]
    text = "# Conditions and reasons\n\nBrokers, instances and bindings have these conditions. [Operations](../operations.md#by-symptom) says what to do about them.\n"
    text += "\n## Types\n\n" + table(["Type", "What it says"], types)
    text += "\n## Reasons\n\nConditions and Events have these reasons. Those of v0.3.1 have the same meaning as there.\n"
    groups: dict[str, list[str]] = {}
    for said, name, reason in declared("src/catalog/api/reasons.hpp"):
        if re.search(rf"reasons::{name}\b", used):
            groups.setdefault(said, []).append(reason)
    for said, reasons in groups.items():
        text += f"\n**{said.rstrip('.').replace('; ours', ' (not in v0.3.1)')}**\n\n" + "".join(f"- {code(reason)}\n" for reason in reasons)
    return text


def annotations() -> str:
    rows = [[code(text), *owner_and_meaning(said)] for said, _, text in declared("src/catalog/api/annotations.hpp") if said.startswith("On ")]
    text = "# Annotations, labels and tags\n\n## Annotations\n\nAnnotations are on with the value `true`."
    text += " Of `rotate`, any new value counts; `adopt-from` is a namespace.\n\n"
    text += table(["Annotation", "Of", "What it does"], rows)
    resources = (REPOSITORY / "src/catalog/api/resources.cpp").read_text()
    fields = re.findall(r'add_label\(labels, "spec\.(\w+)",', resources) + re.findall(r'\.broker_name_field = "(\w+)"', resources)
    fields += [f"{reference}.name" for reference in re.findall(r'\.ref = "(\w+)"', resources)]
    text += "\n## Labels\n\nClasses, plans and instances have a label for each of these fields that they have."
    text += " Its value is the SHA-224 digest of the value of the field.\n\n"
    text += "".join(f"- `servicecatalog.k8s.io/spec.{field}`\n" for field in fields)
    text += "\n## Tags in AWS\n\n"
    tags = {name: tag for _, name, tag in declared("src/broker/stack_tags.hpp")}
    (made,) = re.findall(r"Pairs tags\{(.+?)\};", (REPOSITORY / "src/broker/bindings/binding_users.cpp").read_text(), re.DOTALL)
    users = [tag for name, tag in tags.items() if f"{{{name}," in made]
    text += "A stack has: " + ", ".join(code(tag) for name, tag in tags.items() if name != "binding_tag") + ".\n"
    return text + "The IAM user of a binding has: " + ", ".join(code(tag) for tag in users) + ".\n"


def owner_and_meaning(said: str) -> list[str]:
    of, _, meaning = said.removeprefix("On ").partition(". ")
    return [of, meaning]


def index() -> str:
    return """# Reference

| Page | What it lists |
|---|---|
| [Flags](flags.md) | the flags and environment variables of each program |
| [Chart values](values.md) | the values of both Helm charts |
| [Metrics](metrics.md) | the metrics of each program |
| [Conditions and reasons](conditions.md) | what statuses and Events say |
| [Annotations, labels and tags](annotations.md) | what you can set on objects, and how resources in AWS are tagged |
| [Classes](../classes/index.md) | the classes of the broker, with their plans, parameters and Secret keys |
"""


PAGES = {"index.md": index, "flags.md": flags, "values.md": values, "metrics.md": metrics, "conditions.md": conditions, "annotations.md": annotations}


def pages() -> dict[Path, str]:
    made = {FOLDER / name: page() for name, page in PAGES.items()} | class_pages.pages()
    return {path: NOTE + text for path, text in made.items()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
