"""What a program is linked with: shared libraries as its loader finds them, and the Debian packages of the files that are part of it."""

import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
# Libraries that are headers only, so that no file of theirs is linked. The programs use each of them.
HEADERS = ("libboost1.81-dev", "libcli11-dev", "libfmt-dev", "libspdlog-dev")
HEADERS_OF = {"service-catalog": ("libprotozero-dev",)}


@dataclass(frozen=True)
class System:
    """A Debian system for one architecture: this machine, or a folder that scripts/sysroot.sh made."""

    root: Path
    architecture: str

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")

    @functools.cached_property
    def folders(self) -> list[Path]:
        triplet = TRIPLETS[self.architecture]
        return [self.path(f"{folder}/{triplet}") for folder in ("usr/lib", "lib")] + [self.path("usr/lib")]

    def shared_libraries(self, program: Path) -> dict[str, Path]:
        """By the path or the name that the program looks for: its loader, the libraries that it needs, and what these need."""
        interpreter = re.findall(r"program interpreter: (.*)\]", _readelf("--program-headers", program))
        found = {path: self.path(path) for path in interpreter}
        waiting = [program]
        while waiting:
            for name in re.findall(r"\(NEEDED\).*\[(.*)\]", _readelf("--dynamic", waiting.pop())):
                if name in found or any(path.endswith(f"/{name}") for path in interpreter):
                    continue
                places = [folder / name for folder in self.folders if (folder / name).exists()]
                if not places:
                    raise SystemExit(f"{program} is linked with {name}, which is not in {self.folders[0]}")
                found[name] = places[0]
                waiting.append(places[0])
        return found

    @functools.lru_cache  # noqa: B019 - there are two systems
    def linked_packages(self, program: str, dependency_file: Path) -> list[tuple[str, str]]:
        """Name and version of the packages that the program has parts of. `dependency_file`: what the linker says that it has read."""
        names = dependency_file.read_text().split(":", 1)[1].split("\n\n")[0].replace("\\\n", " ").split()
        # The linker is given this machine's files as "/usr/lib/gcc/…/../../..".
        archives = {Path(name).resolve() for name in names if name.endswith((".a", ".o")) and name.startswith("/")}
        packages = {self.package_of(archive) for archive in archives if archive.is_relative_to(self.root.resolve() / "usr/lib")}
        return sorted(packages | {self.package(name) for name in (*HEADERS, *HEADERS_OF.get(program, ()))})

    @functools.lru_cache  # noqa: B019 - there are two systems
    def package_of(self, file: Path) -> tuple[str, str]:
        """Name and version of the package that has a file. /lib is a link to /usr/lib, and dpkg knows a file by one of both names."""
        resolved = "/" + str(file.resolve().relative_to(self.root.resolve()))
        names = dict.fromkeys(["/" + str(file.relative_to(self.root)) if file.is_relative_to(self.root) else resolved, resolved, resolved.removeprefix("/usr")])
        for name in names:
            owner = self._dpkg_query("--search", name)
            if owner is not None:
                return self.package(owner.split(": ")[0].split(",")[0].partition(":")[0])
        raise SystemExit(f"no Debian package has {file}")

    @functools.lru_cache  # noqa: B019 - there are two systems
    def package(self, name: str) -> tuple[str, str]:
        for known_as in (f"{name}:{self.architecture}", f"{name}:all", name):
            version = self._dpkg_query("--show", "--showformat=${Version}", known_as)
            if version:
                return name, version
        raise SystemExit(f"the Debian package {name} is not in {self.root}")

    def undefined_symbols(self, program: Path) -> set[str]:
        """As SYMBOL@VERSION, of those that have a version: the others are weak, and the system need not have them."""
        return set(re.findall(r" UND (\S+@\S+)", _readelf("--dyn-syms", program)))

    @functools.lru_cache  # noqa: B019 - there are two systems
    def symbols_of(self, package: str) -> dict[str, str]:
        """Each SYMBOL@VERSION of a package's libraries, with the oldest version of the package that has it."""
        text = self.path(f"var/lib/dpkg/info/{package}:{self.architecture}.symbols").read_text()
        return dict(re.findall(r"^ (\S+@\S+) (\S+)", text, re.MULTILINE))

    def copyright_of(self, package: str) -> bytes:
        return self.path(f"usr/share/doc/{package}/copyright").read_bytes()

    def _dpkg_query(self, *arguments: str) -> str | None:
        command = ["dpkg-query", f"--admindir={self.path('var/lib/dpkg')}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None


def _readelf(what: str, file: Path) -> str:
    return subprocess.run(["readelf", "--wide", what, file], capture_output=True, text=True, check=True).stdout
