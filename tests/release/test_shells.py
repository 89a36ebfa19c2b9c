"""Manual pages and completion scripts, as man and the three shells take them."""

import subprocess

import pytest
from chandlery_release.project import PROGRAMS
from release import native


@pytest.fixture(scope="module")
def folders(release, tmp_path_factory):
    return {program.name: release.unpack(program.name, native(), tmp_path_factory.mktemp("shells")).parent for program in PROGRAMS}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_manual_page_is_well_formed(folders, program):
    page = folders[program.name] / f"man/{program.name}.{program.section}"
    said = subprocess.run(["groff", "-man", "-Tutf8", "-K", "utf8", "-ww", "-z", page], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    found = subprocess.run(["lexgrog", page], capture_output=True, text=True, check=True).stdout
    assert found.strip().endswith(f'"{program.name} - {program.summary}"')


def in_bash(folder, *words: str) -> set[str]:
    name = words[0]
    script = f'. completions/{name}.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{name.replace("-", "_")}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-euc", script, "bash", *words], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def in_zsh(folder, *words: str) -> set[str]:
    """Of what zsh's own functions are given: a completion system needs a terminal."""
    name = words[0]
    script = f"""
compdef() {{ :; }}
_files() {{ echo FILES; }}
_describe() {{ while [[ $1 == -* ]]; do shift; done; print -l -- ${{(P)2}}; }}
. ./completions/_{name}
words=("$@"); CURRENT=$#; _{name.replace("-", "_")}"""
    done = subprocess.run(["zsh", "-f", "-c", script, "zsh", *words], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {line.split(":")[0] for line in done.stdout.splitlines() if line.split(":")[0].startswith(words[-1])}


def in_fish(folder, *words: str) -> set[str]:
    script = f"source completions/{words[0]}.fish; complete -C {' '.join(words)!r}"
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


@pytest.fixture(params=[in_bash, in_zsh, in_fish], ids=["bash", "zsh", "fish"])
def complete(request, folders):
    return lambda *words: request.param(folders[words[0]], *words)


def test_commands_are_completed(complete):
    assert complete("svcat", "") >= {"get", "describe", "exec", "completion"}
    assert complete("svcat", "get", "cl") == {"classes"}
    assert complete("service-catalog", "") >= {"local", "webhook", "controller-manager"}
    assert complete("aws-servicebroker", "") >= {"doctor", "lint"}


def test_flags_are_completed_also_after_an_alias_and_another_flags_value(complete):
    assert complete("svcat", "get", "inst", "--na") == {"--namespace"}
    assert complete("svcat", "--context", "get", "get", "plans", "--cl") == {"--class"}
    assert complete("service-catalog", "local", "--data") == {"--data-dir"}
    assert complete("s3-demo", "--p") == {"--port"}


def test_choices_are_completed(complete):
    assert complete("svcat", "completion", "f") == {"fish"}
    assert complete("aws-servicebroker", "--log-format", "") >= {"json", "text"}
