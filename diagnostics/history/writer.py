"""Writer of one run: every event is in the file before the next one is taken."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from diagnostics.engine.events import Event
from diagnostics.history.append_log import AppendLog
from diagnostics.history.folder import make_runs_folder, path_of, prune
from diagnostics.report.formats.ndjson import end_line, event_line, start_line
from diagnostics.report.model import Report


class RunFile:
    """File of a run under way; written line by line, never rewritten.

    An error of the history does not end a run: it becomes `note`, and nothing more is written.
    """

    def __init__(self, blank: Report) -> None:
        self.note = ""
        """Reason why the file is missing or incomplete; empty if it is complete."""
        self._place = ""
        self._log: AppendLog | None = None
        try:
            self._log = self._opened(blank.run_id)
        except OSError as error:
            self._give_up(error)

    @classmethod
    def begin(cls, blank: Report) -> "RunFile":
        """Create the file with its first line: id, time and targets of the run."""
        file = cls(blank)
        file.write(start_line(blank))
        return file

    def observe(self, event: Event) -> None:
        """Write an event as it happens; an observer of `examine`."""
        self.write(event_line(event))

    def finish(self, report: Report) -> Report:
        """Write the last line and close; return the report, with a note if the file is incomplete."""
        self.write(end_line(report))
        return self.close(report)

    def write(self, line: str) -> None:
        """Append one line, which ends with a newline."""
        if self._log is None:
            return
        try:
            self._log.append(line)
        except OSError as error:
            self._give_up(error)

    def close(self, report: Report) -> Report:
        """Close the file; return the report, with a note if the file is incomplete."""
        self._release()
        return replace(report, notes=(*report.notes, self.note)) if self.note else report

    def _opened(self, run_id: str) -> AppendLog:
        folder = make_runs_folder()
        path = path_of(folder, run_id)
        self._place = str(path)
        log = AppendLog.create(path)
        with suppress(OSError):  # a file system without locks: readers report this run as cut short
            log.lock()
        with suppress(OSError):  # old runs that cannot be removed are no reason to lose this one
            prune(folder, path)
        return log

    def _give_up(self, error: OSError) -> None:
        self._release()
        place = self._place or str(error.filename or Path("~/.local/share"))
        self.note = f"the record of this run in the history is incomplete: {place}: {error.strerror}"

    def _release(self) -> None:
        if self._log is not None:
            with suppress(OSError):  # some file systems report a full disk only here; the lines stay readable
                self._log.close()
        self._log = None
