"""Commands of the documents are run by a test, or say what they need; the flags, values and files that they name are there."""

import re
import shlex

import documents
import pytest
import yaml
from chandlery_dev import reference
from chandlery_dev.processes import REPOSITORY

NEEDS = ("sh", "sh aws", "sh cluster", "sh yours")
TOOLS = "kubectl|helm|aws|svcat|make|curl|cf|oc|kind|minikube|docker|skopeo|aws-servicebroker|service-catalog|s3-demo"
PROGRAMS = {"aws-servicebroker", "service-catalog", "svcat", "s3-demo"}
CHARTS = ("catalog", "aws-servicebroker")
OF_HELM = {"--take-ownership", "--set", "--wait"}
OF_DOCKER = {"--build-arg", "--privileged"}


def flags() -> set[str]:
    return set(re.findall(r"`(--?[\w-]+)`", reference.flags()))


def values(chart: str) -> set[str]:
    def paths(of: dict, before: str = "") -> set[str]:
        inner = {f"{before}{name}" for name in of}
        return inner.union(*(paths(value, f"{before}{name}.") for name, value in of.items() if isinstance(value, dict)))

    return paths(yaml.safe_load((REPOSITORY / "deploy/charts" / chart / "values.yaml").read_text()))


def inline_code(page) -> list[str]:
    return re.findall(r"`([^`\n]+)`", documents.outside_of_blocks(page))


def every_command():
    return [(documents.name_of(page), command) for page in documents.written_pages() for command in documents.command_lines(page)]


def test_every_block_of_commands_says_what_it_needs_if_no_test_runs_it():
    wrong = []
    for page in documents.written_pages():
        for info, _ in documents.blocks(page):
            if info.startswith("sh") and info not in NEEDS:
                wrong.append(f"{documents.name_of(page)}: ```{info}")
        if documents.scripts(page) and documents.name_of(page) not in (*documents.RUN_BY_A_TEST, *documents.TRANSLATIONS):
            wrong.append(f"{documents.name_of(page)}: no test runs its commands")
    assert wrong == []


@pytest.mark.parametrize(("translation", "original"), documents.TRANSLATIONS.items())
def test_a_translation_has_the_commands_of_its_original(translation, original):
    assert documents.blocks(REPOSITORY / translation) == documents.blocks(REPOSITORY / original)


@pytest.mark.parametrize(("translation", "original"), documents.TRANSLATIONS.items())
def test_a_translation_has_the_sections_and_the_links_of_its_original(translation, original):
    def sections(name: str) -> list[str]:
        return re.findall(r"^(#+) ", documents.outside_of_blocks(REPOSITORY / name), re.M)

    def links(name: str) -> set[str]:
        """Pages; those that are translated count as one with their translation, and which heading is linked to does not matter."""
        page = REPOSITORY / name
        found = set()
        for link in re.findall(r"\]\(([^)\s]+)\)", documents.outside_of_blocks(page)):
            path = link.partition("#")[0]
            if re.match(r"https?://", link):
                found.add(link)
            elif path:
                target = str((page.parent / path).resolve().relative_to(REPOSITORY))
                found.add(documents.TRANSLATIONS.get(target, target))
        return found - {original}

    assert sections(translation) == sections(original)
    assert links(translation) == links(original)


def test_no_command_hides_in_an_indented_block():
    hidden = [
        f"{documents.name_of(page)}: {line.strip()}"
        for page in documents.written_pages()
        for line in re.findall(rf"^ {{4,}}(?:{TOOLS}) [^►\n]*$", documents.outside_of_blocks(page), re.M)
    ]
    assert hidden == []


def test_flags_that_are_named_exist():
    known = flags() | OF_HELM | OF_DOCKER | {"--version"}
    named = {(documents.name_of(page), flag) for page in documents.written_pages() for code in inline_code(page) for flag in re.findall(r"^--[\w-]+", code)}
    for page, command in every_command():
        words = re.sub(r"\s#.*|…", "", command).split()
        if words[0] in PROGRAMS:
            own = words[: words.index("--")] if "--" in words else words
            named |= {(page, "--" + word.split("=")[0].lstrip("-")) for word in own if re.match(r"--?\w{2,}", word)}
    assert {(page, flag) for page, flag in named if flag not in known} == set()


@pytest.mark.parametrize("chart", CHARTS)
def test_values_that_helm_is_given_are_of_the_chart(chart):
    known = values(chart)
    given = {
        (page, name)
        for page, command in every_command()
        if re.search(rf"deploy/charts/{chart}\b|\s{chart}-[\w.]+\.tgz|charts/{chart}\s", command)
        for name in re.findall(r"--set(?:-string|-file)? ([\w.]+)=", command)
    }
    assert given
    assert {(page, name) for page, name in given if name not in known} == set()


def test_values_that_are_named_exist():
    known = set.union(*(values(chart) for chart in CHARTS))
    first = {name.split(".")[0] for name in known}
    named = {
        (documents.name_of(page), found[1])
        for page in documents.written_pages()
        for code in inline_code(page)
        if (found := re.fullmatch(r"((\w+)(?:\.\w+)+)(?:=.*)?", code)) and found[2] in first
    }
    assert named
    assert {(page, name) for page, name in named if name not in known} == set()


def test_files_that_commands_name_are_in_the_repository():
    missing = []
    for page, command in every_command():
        for word in shlex.split(re.sub(r"\s#.*", "", command)):
            path = re.sub(r"^file://", "", word)
            if re.match(r"(deploy|samples|templates|scripts|docs)/", path) and not (REPOSITORY / path).exists():
                missing.append(f"{page}: {path}")
    assert missing == []


def test_operations_explains_every_reason_but_those_of_what_goes_well():
    told = set(re.findall(r"^- `(\w+)`", reference.conditions(), re.M))
    explained = set(re.findall(r"^\| `([A-Z]\w+)`", (REPOSITORY / "docs/operations.md").read_text(), re.M))
    assert explained <= told
    going_well = re.compile(r".*(InFlight|Successful|Successfully)|Provisioning|UpdatingInstance|Deprovisioning|Binding|Unbinding|FetchedCatalog|InjectedBindResult")
    as_asked_for = {"Abandoned", "Retained", "RotatedCredentials", "RevokedCredentials"}
    assert {reason for reason in told - explained - as_asked_for if not going_well.fullmatch(reason)} == set()


def test_metrics_that_operations_names_are_told_by_a_program():
    told = set(re.findall(r"`(\w+)`", reference.metrics()))
    named = set(re.findall(r"`((?:servicecatalog|runtime|aws_sb|apiserver)_\w+)", "".join(page.read_text() for page in documents.written_pages())))
    assert named
    assert named <= told
