"""The file of an incident: a line for each thing that happened, on the disk before the next one begins."""

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any, Self

from diagnostics.errors import UnreadableInput, UsageError, shown
from diagnostics.runbooks.incident import (
    Break,
    End,
    Incident,
    break_line,
    end_line,
    started_line,
    visit_line,
    with_line,
)
from diagnostics.runbooks.log_reader import Damaged, read_lines
from kb.runbook_model.advance import StepRecord

NEW = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
MAX_BYTES = 50_000_000
"""More than any run writes; a larger file is something else."""


class IncidentLog:
    """Appends to one file, and knows what it tells. Whatever kills the process, each line said is kept."""

    def __init__(self, path: Path, file: FileIO, incident: Incident) -> None:
        self.path = path
        self.incident = incident
        self._file = file

    @classmethod
    def begin(cls, path: Path, incident: Incident) -> Self:
        """A new file. Raises UsageError where it exists or cannot be written."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = FileIO(os.open(path, NEW, 0o600), "wb")
        except FileExistsError:
            name = shown(str(path))
            raise UsageError(f"--log {name}: exists; name another file, or go on: --resume {name}") from None
        except OSError as error:
            raise UsageError(f"{shown(str(path))}: {error.strerror}; name another file with --log") from None
        _lock(path, file)
        log = cls(path, file, incident)
        log._write(started_line(incident))
        _sync_folder(path.parent)
        return log

    @classmethod
    def resume(cls, path: Path) -> Self:
        """A file that an earlier run left. Raises UnreadableInput where it is none."""
        with ExitStack() as stack:
            file = stack.enter_context(_existing(path))
            _lock(path, file)
            incident, length = read(path)
            file.truncate(length)  # a line that was cut off in the middle goes
            stack.pop_all()
        return cls(path, file, incident)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def done(self, visit: StepRecord) -> None:
        """A step was done."""
        self._append(visit_line(visit))

    def record_interruption(self, one: Break) -> None:
        """The run stops, or goes on."""
        self._append(break_line(replace(one, after=len(self.incident.visits))))

    def ended(self, end: End) -> None:
        """The runbook has ended."""
        self._append(end_line(end))

    def _append(self, line: Mapping[str, Any]) -> None:
        self._write(line)
        self.incident = with_line(self.incident, line)

    def _write(self, line: Mapping[str, Any]) -> None:
        left = memoryview(f"{json.dumps(line, ensure_ascii=False)}\n".encode("utf-8", "replace"))
        try:
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UsageError(f"{shown(str(self.path))}: {error.strerror}; the log ends here") from None


def read(path: Path) -> tuple[Incident, int]:
    """What a log tells, and the length of its whole lines in bytes. Raises UnreadableInput."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableInput(f"{shown(str(path))}: {error.strerror}") from None
    whole = data[: data.rfind(b"\n") + 1]
    if len(data) > MAX_BYTES:
        raise UnreadableInput(f"{shown(str(path))}: is too large for a log of a runbook")
    try:
        return read_lines(whole.splitlines()), len(whole)
    except Damaged as error:
        raise UnreadableInput(f"{shown(str(path))}: {error}") from None


def _existing(path: Path) -> FileIO:
    try:
        return FileIO(os.open(path, os.O_WRONLY | os.O_APPEND), "wb")
    except OSError as error:
        raise UnreadableInput(f"{shown(str(path))}: {error.strerror}") from None


def _lock(path: Path, file: FileIO) -> None:
    """Two runs that wrote to one log would tell one story that nobody lived."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UsageError(f"{shown(str(path))}: another run is writing to it") from None


def _sync_folder(folder: Path) -> None:
    """A new file is only kept once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
