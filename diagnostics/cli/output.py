"""Where a report goes: stdout in one format, files in others, progress on a terminal's stderr."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from diagnostics.engine.events import Event, Started, Step
from diagnostics.errors import UsageError
from diagnostics.report.formats import FORMATS, STREAMED
from diagnostics.report.formats.ndjson import end_line, event_line, round_end_line, round_line, start_line
from diagnostics.report.model import Report
from diagnostics.report.output_file import Destination, destinations
from diagnostics.run.examination import Examination, Interrupted, new_report
from diagnostics.terminal import StreamClosed, Terminal, encodable, show_progress, terminal_of, write_stdout

if TYPE_CHECKING:
    from diagnostics.history.writer import RunFile

PLAIN = Terminal(width=100, colour=False, unicode=True)


def report_on(
    examination: Examination, options: argparse.Namespace, run: Callable[["Output"], Report]
) -> int:
    """Run, write the report everywhere, return the exit code; an interrupted run is written too."""
    output = Output(options, new_report(examination))
    try:
        report = run(output)
    except Interrupted as interrupted:
        report = interrupted.report
    output.write(report)
    return output.code(report)


class Output:
    """The writers of one command. stdout is data: exactly one document, in the format that was asked for."""

    def __init__(self, options: argparse.Namespace, first: Report) -> None:
        self.first = first
        """The report before anything ran: its id and its time are those of everything that is written."""
        self._asked = options.format
        self._format = "" if options.quiet else options.format
        self._files = destinations(options.output)
        self._kept = _file_of(first) if options.record else None
        self._lines: list[str] = []
        self._round = 0
        self._progress = sys.stderr.isatty() and self._format == "human" and not options.debug
        self._stream(start_line(first))

    def round_begins(self, number: int, started: str) -> None:
        """A round begins; the events that follow belong to it."""
        self._round = number
        self._stream(round_line(number, started))
        self._say(f"round {number}")

    def round_ends(self, report: Report) -> None:
        """The round ended so."""
        self._stream(round_end_line(self._round, report))
        self._say(f"round {self._round} ended")

    def waits(self, left_s: float) -> None:
        """Nothing runs, and it will be tried again for so long."""
        self._say(f"not yet; {left_s:.0f} s left")

    def observe(self, event: Event) -> None:
        """Take an event as it happens."""
        self._stream(event_line(event, self._round))
        if isinstance(event.body, Started | Step):
            doing = event.body.name if isinstance(event.body, Step) else "starts"
            self._say(f"{event.key.probe}: {doing}")

    def write(self, report: Report) -> None:
        """Write the finished report everywhere. Raises UsageError once all that can be written is."""
        self._say("")
        self._stream(end_line(report))
        report = self._kept.close(report) if self._kept else report
        if self._format in FORMATS:
            write_stdout(FORMATS[self._format](report, terminal_of(sys.stdout)))
        failed = [problem for one in self._files if (problem := self._written(one, report))]
        if failed:
            raise UsageError("; ".join(failed))

    def code(self, report: Report) -> int:
        """The exit code of the process: the report's, but for nagios, whose codes its readers fixed."""
        if self._asked != "nagios":
            return report.exit_code
        from diagnostics.report.formats.nagios import status_of  # noqa: PLC0415  only who asks for it loads it

        return int(status_of(report))

    def _written(self, one: Destination, report: Report) -> str:
        """Write one file; the reason where that fails."""
        text = "".join(self._lines) if one.format == STREAMED else FORMATS[one.format](report, PLAIN)
        try:
            one.write(text)
        except UsageError as error:
            return str(error)
        return ""

    def _stream(self, line: str) -> None:
        """Hand on one line of the run; the file of the history has it before anyone reads it."""
        self._lines.append(line)
        if self._kept:
            self._kept.write(line)
        if self._format == STREAMED:
            try:
                print(encodable(line, sys.stdout), end="", flush=True)
            except BrokenPipeError as error:
                raise StreamClosed from error

    def _say(self, doing: str) -> None:
        if self._progress:
            show_progress(doing)


def _file_of(first: Report) -> "RunFile":
    from diagnostics.history.writer import RunFile  # noqa: PLC0415  only a run that is kept loads it

    return RunFile(first)
