"""Files of `--output`: checked before the run, replaced atomically after it."""

import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from diagnostics.errors import UsageError, printable
from diagnostics.report.formats import FORMAT_NAMES
from kb.records.private_files import create_file
from kb.text.suggestions import did_you_mean


class Destination(NamedTuple):
    """A file and the format to write to it."""

    path: Path
    format: str
    private: bool = False
    """True for a file of the user's own folders, which nobody else may read."""

    def write(self, text: str) -> None:
        """Replace the file atomically; a device or a pipe is written directly. Raises UsageError."""
        data = text.encode("utf-8", "replace")
        try:
            if _is_file(self.path):
                _replace(self.path.resolve(), data, private=self.private)
            else:
                self.path.write_bytes(data)
        except OSError as error:
            raise UsageError(f"--output {printable(str(self.path))}: {error.strerror}") from None


def destinations(values: Sequence[str]) -> list[Destination]:
    """Parse the values of `--output`. Raises UsageError for one that is malformed or cannot be written."""
    parsed = [_destination(value) for value in values]
    counts = Counter(destination.path.absolute() for destination in parsed)
    for path, count in counts.items():
        if count > 1:
            raise UsageError(f"--output {printable(str(path))}: is named twice; one file holds one format")
    return parsed


def _destination(text: str) -> Destination:
    path, colon, name = text.rpartition(":")
    if not colon or not path:
        raise UsageError(f"--output {printable(text)}: write FILE:FORMAT, as in --output report.json:json")
    if name not in FORMAT_NAMES:
        hint = did_you_mean(name, FORMAT_NAMES) or f"formats are {', '.join(FORMAT_NAMES)}"
        raise UsageError(f"--output {printable(text)}: {name!r} is not a format; {hint}")
    if problem := _problem(Path(path)):
        raise UsageError(f"--output {printable(text)}: {problem}")
    return Destination(Path(path), name)


def _problem(path: Path) -> str:
    if path.is_dir():
        return "is a folder; name a file in it"
    if not path.absolute().parent.is_dir():
        return "the folder does not exist"
    place = path.resolve().parent if _is_file(path) else path
    return "" if os.access(place, os.W_OK) else f"{place} is not writable"


def _is_file(path: Path) -> bool:
    """Return True for a regular file and for a path that does not exist yet, but not for a device or pipe."""
    return path.is_file() or not path.exists()


def _replace(path: Path, data: bytes, *, private: bool) -> None:
    """Write a temporary file in the same folder and rename it; its name is hidden and matches no suffix."""
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with os.fdopen(create_file(temporary), "wb") if private else temporary.open("xb") as file:
            if path.exists() and not private:
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
