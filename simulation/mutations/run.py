#!/usr/bin/env python3
"""Puts faults into the sources, one at a time, and sees whether the simulation finds them.

Each *.patch beside this file is applied to a copy of the sources (a git worktree with a build folder of its own below build/mutations), the target
`simulation` is built there, and plays seeds until a rule is broken. Prints a table: mutation, seeds until found, seconds of playing, what found it.
Changes that are not committed are part of the copy; files that git does not know are not.

Exit code: 0 all were found, 1 some survived (or the unchanged sources break a rule), 2 a patch does not apply or does not build.
"""

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
FOUND = re.compile(r"^seed (\d+): (.*)$", re.MULTILINE)
CONTROL = "(unchanged)"


@dataclass
class Result:
    name: str
    outcome: str  # "found", "survived", "does not apply", "does not build", "took too long"
    seeds: int | None = None
    seconds: float = 0.0
    by: str = ""

    def cells(self, first_seed: int) -> tuple[str, str, str, str]:
        seeds = str(self.seeds - first_seed + 1) if self.seeds is not None else self.outcome
        return self.name, seeds, f"{self.seconds:.1f}", self.by


def git(*arguments: str, folder: Path = REPOSITORY) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


class Copy:
    """The sources that are mutated, and their build folder."""

    def __init__(self, folder: Path, jobs: int):
        self.folder = folder
        self.jobs = jobs
        # Also what is changed and not committed.
        commit = git("stash", "create") or git("rev-parse", "HEAD")
        if (folder / ".git").exists():
            git("reset", "--quiet", "--hard", folder=folder)
            git("checkout", "--quiet", "--detach", commit, folder=folder)
        else:
            git("worktree", "prune")
            git("worktree", "add", "--quiet", "--detach", str(folder), commit)

    def apply(self, patch: Path) -> str:
        """What went wrong, or ""."""
        done = subprocess.run(["git", "apply", str(patch)], check=False, cwd=self.folder, capture_output=True, text=True)
        return done.stderr.strip()

    def restore(self) -> None:
        git("reset", "--quiet", "--hard", folder=self.folder)

    def build(self) -> str:
        """What went wrong, or ""."""
        configure = ["cmake", "--preset", "release"]
        build = ["cmake", "--build", "--preset", "release", "--target", "simulation", "-j", str(self.jobs)]
        for command in (configure, build):
            done = subprocess.run(command, check=False, cwd=self.folder, capture_output=True, text=True)
            if done.returncode != 0:
                errors = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()]
                return "\n".join(errors[:10]) or done.stderr[-2000:] or done.stdout[-2000:]
        return ""

    @property
    def program(self) -> Path:
        return self.folder / "build" / "release" / "bin" / "simulation"


def play(copy: Copy, name: str, options: argparse.Namespace) -> Result:
    command = [str(copy.program), "--seeds", str(options.seeds), "--first-seed", str(options.first_seed), "--shrinks", "0"]
    if options.processes:
        command += ["--processes", str(options.processes)]
    begun = time.monotonic()
    try:
        done = subprocess.run(command, check=False, cwd=copy.folder, capture_output=True, text=True, errors="replace", timeout=options.timeout or None)
    except subprocess.TimeoutExpired:
        return Result(name, "took too long", seconds=time.monotonic() - begun)
    seconds = time.monotonic() - begun
    found = FOUND.search(done.stdout)
    if found:
        return Result(name, "found", int(found[1]), seconds, found[2])
    if done.returncode != 0:
        return Result(name, "found", None, seconds, f"the program ended with {done.returncode}: {done.stderr.strip()[-200:]}")
    return Result(name, "survived", seconds=seconds)


def try_one(copy: Copy, patch: Path | None, options: argparse.Namespace) -> Result:
    name = patch.stem if patch else CONTROL
    try:
        if patch and (problem := copy.apply(patch)):
            return Result(name, "does not apply", by=problem.splitlines()[0])
        if problem := copy.build():
            return Result(name, "does not build", by=problem)
        if options.build_only:
            return Result(name, "builds")
        return play(copy, name, options)
    finally:
        copy.restore()


def shown(cells: tuple[str, str, str, str], width: int) -> str:
    name, seeds, seconds, by = cells
    return f"{name:<{width}}  {seeds:>14}  {seconds:>8}  {by[:200]}"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this mutation; may be given more than once")
    parser.add_argument("--seeds", type=int, default=10000, help="how many at most (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of them (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=0, help="seeds that are played at a time (default: one for each processor)")
    parser.add_argument("--timeout", type=float, default=0, metavar="SECONDS", help="of playing, for each mutation (default: none)")
    parser.add_argument("--jobs", type=int, default=2, help="of the compiler (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "mutations", help="of the copy (default: build/mutations)")
    parser.add_argument("--control", action="store_true", help="play the unchanged sources first: they must break nothing")
    parser.add_argument("--build-only", action="store_true", help="see only whether the mutations build")
    parser.add_argument("--list", action="store_true", help="print the names, and nothing else")
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    patches = {patch.stem: patch for patch in sorted(HERE.glob("*.patch"))}
    if unknown := [name for name in options.only if name not in patches]:
        print(f"There are no such mutations: {', '.join(unknown)}. --list has their names.", file=sys.stderr)
        return 2
    names = options.only or list(patches)
    if options.list:
        print("\n".join(names))
        return 0
    width = max(len(name) for name in [*names, CONTROL])
    copy = Copy(options.folder.resolve(), options.jobs)
    print(shown(("mutation", "seeds", "seconds", "found by"), width), flush=True)
    results: list[Result] = []
    for patch in [*([None] if options.control else []), *(patches[name] for name in names)]:
        result = try_one(copy, patch, options)
        results.append(result)
        print(shown(result.cells(options.first_seed), width), flush=True)
        if patch is None and result.outcome in ("found", "does not build"):
            print("The unchanged sources do not hold: what follows would say nothing.", file=sys.stderr)
            return 1
    if any(result.outcome in ("does not apply", "does not build") for result in results):
        return 2
    mutants = [result for result in results if result.name != CONTROL]
    found = sum(result.outcome == "found" for result in mutants)
    if options.build_only:
        return 0
    print(f"{found} of {len(mutants)} mutations were found")
    return 0 if found == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
