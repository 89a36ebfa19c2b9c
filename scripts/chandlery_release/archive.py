"""Archives that are the same byte for byte whenever they are made of the same files."""

import gzip
import io
import tarfile
from pathlib import Path


def add_bytes(archive: tarfile.TarFile, name: str, content: bytes, time: int, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), time, mode
    archive.addfile(entry, io.BytesIO(content))


def add_tree(archive: tarfile.TarFile, root: Path, inside: str, time: int) -> None:
    """Sorted, owned by root, with one time for all; files that somebody may execute stay so."""
    for path in sorted(root.rglob("*")):
        name = f"{inside}/{path.relative_to(root)}" if inside else str(path.relative_to(root))
        entry = tarfile.TarInfo(name)
        entry.mtime = time
        if path.is_symlink():
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
            archive.addfile(entry)
        elif path.is_dir():
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        else:
            add_bytes(archive, name, path.read_bytes(), time, 0o755 if path.stat().st_mode & 0o100 else 0o644)


def compressed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def tar_gz(target: Path, root: Path, inside: str, time: int) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
        add_tree(archive, root, inside, time)
    target.write_bytes(compressed(made.getvalue()))
