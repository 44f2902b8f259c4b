"""Keeps one run as it happens: every event is in the file before the next one is taken."""

import fcntl
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from diagnostics.engine.events import Event
from diagnostics.history.folder import make_runs_folder, path_of, prune
from diagnostics.report.formats.ndjson import end_line, event_line, start_line
from diagnostics.report.model import Report


class RunFile:
    """The file of a run under way, for this process alone; written line by line, never rewritten.

    What cannot be written is a note for the reader of the report: no error of the history ends a run. A line
    is handed to the kernel at once, so that SIGKILL of this process loses none.
    """

    def __init__(self, first: Report) -> None:
        self.note = ""
        """Why this run is not kept, or not kept whole; empty while all is well."""
        self._place = ""
        self._fd = -1
        try:
            self._open(first.run_id)
        except OSError as error:
            self._give_up(error)

    @classmethod
    def begun(cls, first: Report) -> "RunFile":
        """A file that already says who runs what and when."""
        file = cls(first)
        file.write(start_line(first))
        return file

    def observe(self, event: Event) -> None:
        """Take an event as it happens; an observer of `examine`."""
        self.write(event_line(event))

    def finish(self, report: Report) -> Report:
        """Write what the run came to; the report, with a note where the file is not whole."""
        self.write(end_line(report))
        return self.closed(report)

    def write(self, line: str) -> None:
        """Write one line of the run."""
        if self._fd < 0:
            return
        try:
            _write_all(self._fd, line.encode("utf-8", "replace"))
        except OSError as error:
            self._give_up(error)

    def closed(self, report: Report) -> Report:
        """End the file; the report, with a note where the file is not whole."""
        self._close()
        return replace(report, notes=(*report.notes, self.note)) if self.note else report

    def _open(self, run_id: str) -> None:
        folder = make_runs_folder()
        path = path_of(folder, run_id)
        self._place = str(path)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with suppress(OSError):  # a file system without locks; readers then take the run for one cut short
            fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with suppress(OSError):  # old runs that stay are no reason not to keep this one
            prune(folder, path)

    def _give_up(self, error: OSError) -> None:
        self._close()
        place = self._place or str(error.filename or Path("~/.local/share"))
        self.note = f"the history does not have the whole of this run: {place}: {error.strerror}"

    def _close(self) -> None:
        if self._fd >= 0:
            with suppress(OSError):  # some file systems report a full disk only here; the lines stay readable
                os.close(self._fd)
        self._fd = -1


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
