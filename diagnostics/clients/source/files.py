"""Search of Python files below a path: limited, in a stable order, without following link cycles."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAX_FILES = 5000
MAX_BYTES = 1_000_000
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
VENV_MARKER = "pyvenv.cfg"
"""File in the root of a virtual environment, which holds third-party code."""


@dataclass(slots=True)
class PythonFiles:
    """Files to read, and the reasons why others are not read."""

    paths: list[Path] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """One line for each file that should be read and cannot be."""
    capped: bool = False
    """True if there are more than MAX_FILES files."""


def python_files(root: Path) -> PythonFiles:
    """Return the file itself, or all `.py` files below a folder. Raises OSError if `root` cannot be read."""
    files = PythonFiles()
    if stat.S_ISREG(root.stat().st_mode):
        _add(root, files)
        return files
    for folder, subfolders, names in os.walk(root, onerror=lambda error: _skip(error, files)):
        subfolders[:] = sorted(name for name in subfolders if _is_searched(Path(folder, name)))
        for name in sorted(names):
            if name.endswith(".py"):
                if len(files.paths) == MAX_FILES:
                    files.capped = True
                    return files
                _add(Path(folder, name), files)
    return files


def content(path: Path) -> bytes:
    """Return the bytes of a file, at most MAX_BYTES + 1. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_searched(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in SKIPPED_FOLDERS
    return not hidden and not (folder / VENV_MARKER).exists()


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
