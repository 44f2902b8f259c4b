"""The Python files below a path: bounded, in a stable order, no link followed into a circle."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_FILES = 5000
MOST_BYTES = 1_000_000
SKIPPED = frozenset({"__pycache__", "node_modules"})
VIRTUAL = "pyvenv.cfg"
"""A folder with this file is a virtual environment: code of others."""


@dataclass(slots=True)
class Found:
    """Files to read, and why some are not."""

    paths: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """One line for each thing that should have been read and cannot be."""
    capped: bool = False


def python_files(root: Path) -> Found:
    """The file itself, or every `.py` below a folder. Raises OSError where the path cannot be read."""
    found = Found()
    if stat.S_ISREG(root.stat().st_mode):
        _take(root, found)
        return found
    for folder, names, files in os.walk(root, onerror=lambda error: _note(error, found)):
        names[:] = sorted(name for name in names if _wanted(Path(folder, name)))
        for name in sorted(files):
            if name.endswith(".py"):
                if len(found.paths) == MOST_FILES:
                    found.capped = True
                    return found
                _take(Path(folder, name), found)
    return found


def content(path: Path) -> bytes:
    """What the file holds, at most one byte more than is taken. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _wanted(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in SKIPPED
    return not hidden and not (folder / VIRTUAL).exists()


def _take(path: Path, found: Found) -> None:
    """Take a regular file: a pipe would never end, and a circle of links has no end either."""
    try:
        status = path.stat()
    except OSError as error:
        found.left_out.append(f"{path}: {error.strerror}")
        return
    if not stat.S_ISREG(status.st_mode):
        found.left_out.append(f"{path}: no regular file")
    elif status.st_size > MOST_BYTES:
        found.left_out.append(f"{path}: larger than {MOST_BYTES // 1_000_000} MB")
    else:
        found.paths.append(path)


def _note(error: OSError, found: Found) -> None:
    found.left_out.append(f"{error.filename}: {error.strerror}")


def first(lines: list[str], most: int) -> Iterator[str]:
    """The first of some lines, and how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield f"and {len(lines) - most} more"
