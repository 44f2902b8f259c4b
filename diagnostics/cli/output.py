"""Output of a run: a report on stdout, reports in files, progress on stderr of a terminal."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from diagnostics.engine.events import Event, Started, Step
from diagnostics.errors import UsageError
from diagnostics.report.formats import FORMATS, STREAMED
from diagnostics.report.formats.ndjson import (
    end_line,
    event_line,
    fix_line,
    round_end_line,
    round_line,
    start_line,
)
from diagnostics.report.model import Report
from diagnostics.report.output_file import Destination, destinations
from diagnostics.run.examination import Examination, Interrupted, new_report
from diagnostics.terminal import StreamClosed, Terminal, encodable, show_progress, terminal_of, write_stdout

if TYPE_CHECKING:
    from diagnostics.history.writer import RunFile
    from diagnostics.report.fix_record import FixedStep

PLAIN = Terminal(width=100, colour=False, unicode=True)


def report_on(
    examination: Examination, options: argparse.Namespace, run: Callable[["Output"], Report]
) -> int:
    """Run, write the report, also of an interrupted run, and return the exit code of the process."""
    output = Output(options, new_report(examination))
    try:
        report = run(output)
    except Interrupted as interrupted:
        report = interrupted.report
    output.write(report)
    return output.code(report)


class Output:
    """The outputs of one command; stdout gets exactly one document, in the requested format."""

    def __init__(self, options: argparse.Namespace, first: Report) -> None:
        self.first = first
        """Report without results; its run id and start time are those of every output."""
        self._requested = options.format
        self._format = "" if options.quiet else options.format
        self._files = destinations(options.output)
        self._record = _new_record(first) if options.record else None
        self._lines: list[str] = []
        self._round = 0
        self._progress = sys.stderr.isatty() and self._format == "human" and not options.debug
        self._stream(start_line(first))

    def round_begins(self, number: int, started: str) -> None:
        """Begin a round; later events belong to it."""
        self._round = number
        self._stream(round_line(number, started))
        self._show_progress(f"round {number}")

    def round_ends(self, report: Report) -> None:
        """End the round with its report."""
        self._stream(round_end_line(self._round, report))
        self._show_progress(f"round {self._round} ended")

    def waits(self, left_s: float) -> None:
        """Show the time left while `verify` waits for the next attempt."""
        self._show_progress(f"not yet; {left_s:.0f} s left")

    def observe(self, event: Event) -> None:
        """Write an event, as an observer of the run."""
        self._stream(event_line(event, self._round))
        if isinstance(event.body, Started | Step):
            activity = event.body.name if isinstance(event.body, Step) else "starts"
            self._show_progress(f"{event.key.probe}: {activity}")

    def pauses(self) -> None:
        """Clear the progress line before a dialogue."""
        self._show_progress("")

    def fix_step(self, event: str, step: "FixedStep") -> None:
        """Write an event of a step of a fix."""
        self._stream(fix_line(event, step))

    def write(self, report: Report) -> None:
        """Write the report to every output. Raises UsageError at the end, naming files that failed."""
        self._show_progress("")
        self._stream(end_line(report))
        report = self._record.close(report) if self._record else report
        if self._format in FORMATS:
            write_stdout(FORMATS[self._format](report, terminal_of(sys.stdout)))
        problems = [problem for file in self._files if (problem := self._write_file(file, report))]
        if problems:
            raise UsageError("; ".join(problems))

    def code(self, report: Report) -> int:
        """Return the exit code of the process: that of the report, or a plugin's return code for nagios."""
        if self._requested != "nagios":
            return report.exit_code
        from diagnostics.report.formats.nagios import status_of  # noqa: PLC0415  for nagios only

        return int(status_of(report))

    def _write_file(self, file: Destination, report: Report) -> str:
        """Write one file; return the reason if that fails, else nothing."""
        text = "".join(self._lines) if file.format == STREAMED else FORMATS[file.format](report, PLAIN)
        try:
            file.write(text)
        except UsageError as error:
            return str(error)
        return ""

    def _stream(self, line: str) -> None:
        """Write one ndjson line to the history, then to stdout. Raises StreamClosed."""
        self._lines.append(line)
        if self._record:
            self._record.write(line)
        if self._format == STREAMED:
            try:
                print(encodable(line, sys.stdout), end="", flush=True)
            except BrokenPipeError as error:
                raise StreamClosed from error

    def _show_progress(self, activity: str) -> None:
        if self._progress:
            show_progress(activity)


def _new_record(first: Report) -> "RunFile":
    from diagnostics.history.writer import RunFile  # noqa: PLC0415  for --record only

    return RunFile(first)
