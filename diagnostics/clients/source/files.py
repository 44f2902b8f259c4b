"""Search of Python files below a path: limited, in a stable order, without following link cycles."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diagnostics.clients.source.exclusions import Exclusions

MAX_FILES = 50_000
MAX_BYTES = 1_000_000
VENV_MARKER = "pyvenv.cfg"
"""File in the root of a virtual environment, which holds third-party code."""


@dataclass(slots=True)
class PythonFiles:
    """Files to read, and the reasons why others are not read."""

    paths: list[Path] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """One line for each file that should be read and cannot be."""
    left_out: int = 0
    """Files that the patterns leave out."""
    capped: bool = False
    """True if there are more than MAX_FILES files."""


def python_files(root: Path, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> PythonFiles:
    """Return the file itself, or the `.py` files below a folder that the patterns do not leave out.

    `exclude` and `include` are patterns as in .gitignore. Raises OSError if `root` cannot be read.
    """
    files = PythonFiles()
    if stat.S_ISREG(root.stat().st_mode):
        _add(root, files)
        return files
    exclusions = Exclusions(root, exclude, include)
    for folder, subfolders, names in os.walk(root, onerror=lambda error: _skip(error, files)):
        subfolders[:] = sorted(name for name in subfolders if _is_searched(Path(folder, name), exclusions))
        for name in sorted(names):
            if name.endswith(".py"):
                if len(files.paths) == MAX_FILES:
                    files.capped = True
                    return files
                if exclusions.leaves_out(Path(folder, name)):
                    files.left_out += 1
                else:
                    _add(Path(folder, name), files)
    return files


def content(path: Path) -> bytes:
    """Return the bytes of a file, at most MAX_BYTES + 1. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_searched(folder: Path, exclusions: Exclusions) -> bool:
    return not exclusions.leaves_out(folder, folder=True) and not (folder / VENV_MARKER).exists()


def _add(path: Path, files: PythonFiles) -> None:
    """Add a regular file; reading a pipe would never end, and a cycle of links cannot be read."""
    try:
        status = path.stat()
    except OSError as error:
        files.skipped.append(f"{path}: {error.strerror}")
        return
    if not stat.S_ISREG(status.st_mode):
        files.skipped.append(f"{path}: not a regular file")
    elif status.st_size > MAX_BYTES:
        files.skipped.append(f"{path}: larger than {MAX_BYTES // 1_000_000} MB")
    else:
        files.paths.append(path)


def _skip(error: OSError, files: PythonFiles) -> None:
    files.skipped.append(f"{error.filename}: {error.strerror}")


def limited(lines: list[str], maximum: int) -> Iterator[str]:
    """Yield the first lines, and the number of the others."""
    yield from lines[:maximum]
    if len(lines) > maximum:
        yield f"and {len(lines) - maximum} more"
