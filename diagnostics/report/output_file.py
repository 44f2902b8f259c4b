"""Files that a report is written to: checked before the run, replaced as a whole after it."""

import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from diagnostics.errors import UsageError, printable
from diagnostics.report.formats import FORMAT_NAMES
from kb.text.suggestions import did_you_mean


class Destination(NamedTuple):
    """A file and the format that it is to hold."""

    path: Path
    format: str

    def write(self, text: str) -> None:
        """Replace the file, so that no reader ever sees half of it. Raises UsageError."""
        data = text.encode("utf-8", "replace")
        try:
            if _is_file(self.path):
                _replace(self.path.resolve(), data)
            else:
                self.path.write_bytes(data)
        except OSError as error:
            raise UsageError(f"--output {printable(str(self.path))}: {error.strerror}") from None


def destinations(given: Sequence[str]) -> list[Destination]:
    """What `--output` names. Raises UsageError where one cannot be written, before anything is examined."""
    found = [_destination(text) for text in given]
    again = [path for path, count in Counter(one.path.absolute() for one in found).items() if count > 1]
    if again:
        raise UsageError(f"--output {printable(str(again[0]))}: is named twice; one file holds one format")
    return found


def _destination(text: str) -> Destination:
    path, colon, name = text.rpartition(":")
    if not colon or not path:
        raise UsageError(f"--output {printable(text)}: write FILE:FORMAT, as in --output report.json:json")
    if name not in FORMAT_NAMES:
        hint = did_you_mean(name, FORMAT_NAMES) or f"known are {', '.join(FORMAT_NAMES)}"
        raise UsageError(f"--output {printable(text)}: {name!r} is no format; {hint}")
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
    """Whether the path is a file or is still to become one; a device or a pipe is written as it is."""
    return path.is_file() or not path.exists()


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and move over it; the name beside it begins with a dot and keeps no suffix."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with beside.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
