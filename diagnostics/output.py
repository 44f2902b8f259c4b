"""Where a report goes: stdout in one format, files in others, progress on a terminal's stderr."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from diagnostics.arguments import FORMAT_NAMES
from diagnostics.complaints import UsageError
from diagnostics.events import Event, Started, Step
from diagnostics.examine import Examination, Interrupted, examine, new_report
from diagnostics.formats import FORMATS, STREAMED
from diagnostics.formats.ndjson import end_line, event_line, start_line
from diagnostics.report import Report
from diagnostics.terminal import Terminal, terminal_of

PLAIN = Terminal(width=100, colour=False, unicode=True)


Judge = Callable[[Report], int]


def report_on(examination: Examination, options: argparse.Namespace, judge: Judge) -> int:
    """Examine, write the report everywhere, return its exit code; an interrupted run is written too."""
    output = Output(options, new_report(examination))
    try:
        report = examine(examination, [output.observe])
        report = replace(report, exit_code=int(judge(report)))
    except Interrupted as interrupted:
        report = interrupted.report
    output.write(report)
    return report.exit_code


class Output:
    """The writers of one command. stdout is data: exactly one document, in the format that was asked for."""

    def __init__(self, options: argparse.Namespace, first: Report) -> None:
        self._format = "" if options.quiet else options.format
        self._files = [_destination(text) for text in options.output]
        self._lines = [start_line(first)]
        self._progress = sys.stderr.isatty() and self._format == "human"
        if self._format == STREAMED:
            print(self._lines[0], end="", flush=True)

    def observe(self, event: Event) -> None:
        """Take an event as it happens."""
        line = event_line(event)
        self._lines.append(line)
        if self._format == STREAMED:
            print(line, end="", flush=True)
        if self._progress and isinstance(event.body, Started | Step):
            doing = event.body.name if isinstance(event.body, Step) else "starts"
            print(f"\r\x1b[K{event.key.probe}: {doing}", end="", file=sys.stderr, flush=True)

    def write(self, report: Report) -> None:
        """Write the finished report everywhere."""
        if self._progress:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self._lines.append(end_line(report))
        if self._format == STREAMED:
            print(self._lines[-1], end="", flush=True)
        elif self._format:
            sys.stdout.write(_encodable(FORMATS[self._format](report, terminal_of(sys.stdout))))
        for path, name in self._files:
            text = "".join(self._lines) if name == STREAMED else FORMATS[name](report, PLAIN)
            with _naming(path):
                path.write_text(text, "utf-8")


def _destination(text: str) -> tuple[Path, str]:
    path, colon, name = text.rpartition(":")
    if not colon or name not in FORMAT_NAMES:
        raise UsageError(f"--output {text}: write FILE:FORMAT with a format of {', '.join(FORMAT_NAMES)}")
    if not Path(path).absolute().parent.is_dir():
        raise UsageError(f"--output {text}: the folder does not exist")
    return Path(path), name


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror}") from None


def _encodable(text: str) -> str:
    """The text in what stdout can encode: a terminal without UTF-8 gets question marks, no traceback."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
