"""Incident log of a runbook: one line for each step, on the disk before the next step begins."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from diagnostics.errors import UnreadableInput, UsageError, printable
from diagnostics.history.append_log import AppendLog, Damaged, open_log, read_lines
from diagnostics.runbooks.incident import (
    Break,
    End,
    Incident,
    break_line,
    end_line,
    started_line,
    step_line,
    with_line,
)
from diagnostics.runbooks.log_reader import read_incident
from kb.records.private_files import create_folder
from kb.runbook_model.advance import StepRecord

MAX_BYTES = 50_000_000
"""Larger files are refused: no run of a runbook writes as much."""


class IncidentLog:
    """Log of one incident; `incident` is what the lines of the file record so far."""

    def __init__(self, file: AppendLog, incident: Incident) -> None:
        self.path = file.path
        self.incident = incident
        self._file = file

    @classmethod
    def begin(cls, path: Path, incident: Incident) -> Self:
        """Create the file with its first line. Raises UsageError if it exists or cannot be written."""
        try:
            create_folder(path.parent)
            file = AppendLog.create(path, durable=True)
        except FileExistsError:
            name = printable(str(path))
            raise UsageError(f"--log {name}: exists; name another file, or go on: --resume {name}") from None
        except OSError as error:
            name = printable(str(path))
            raise UsageError(f"{name}: {error.strerror}; name another file with --log") from None
        log = cls(file, incident)
        with ExitStack() as stack:
            stack.callback(file.close)
            _lock(file)
            log._write(started_line(incident))
            stack.pop_all()
        return log

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Open the log of an interrupted run; remove a last line that was written in part.

        Raises UnreadableInput if it is not a log, UsageError if another run is writing to it.
        """
        with ExitStack() as stack:
            try:
                file = AppendLog.reopen(path, durable=True)
            except OSError as error:
                raise UnreadableInput(f"{printable(str(path))}: {error.strerror}") from None
            stack.callback(file.close)
            _lock(file)
            incident, size = read(path)
            file.truncate(size)
            stack.pop_all()
        return cls(file, incident)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def record_step(self, step: StepRecord) -> None:
        """Append a step that was done."""
        self._append(step_line(step))

    def record_interruption(self, interruption: Break) -> None:
        """Append that the run stops or is resumed."""
        self._append(break_line(replace(interruption, after=len(self.incident.visits))))

    def record_end(self, end: End) -> None:
        """Append how the runbook ended."""
        self._append(end_line(end))

    def _append(self, line: Mapping[str, Any]) -> None:
        self._write(line)
        self.incident = with_line(self.incident, line)

    def _write(self, line: Mapping[str, Any]) -> None:
        try:
            self._file.append(f"{json.dumps(line, ensure_ascii=False)}\n")
        except OSError as error:
            raise UsageError(f"{printable(str(self.path))}: {error.strerror}; the log ends here") from None


def read(path: Path) -> tuple[Incident, int]:
    """Return the incident of a log and the size of its complete lines in bytes. Raises UnreadableInput."""
    try:
        with open_log(path) as file:
            content = read_lines(file, MAX_BYTES)
        return read_incident(content.lines), content.size
    except OSError as error:
        raise UnreadableInput(f"{printable(str(path))}: {error.strerror}") from None
    except Damaged as error:
        raise UnreadableInput(f"{printable(str(path))}: {error}") from None


def _lock(file: AppendLog) -> None:
    """Refuse a log that another run writes to: their steps would be mixed."""
    try:
        file.lock()
    except OSError:
        raise UsageError(f"{printable(str(file.path))}: another run is writing to it") from None
