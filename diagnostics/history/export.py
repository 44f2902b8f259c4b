"""A kept run in any format, as the command would have written it."""

from diagnostics.history.replay import RecordedRun
from diagnostics.report.formats import FORMATS, STREAMED
from diagnostics.terminal import Terminal

FILE = Terminal(width=100)
"""What a file shows: no colour."""


def exported(run: RecordedRun, format_: str) -> str:
    """The text of a run in one of `FORMATS`, or its lines; a run that has not ended has no last one."""
    return "".join(run.lines) if format_ == STREAMED else FORMATS[format_](run.report, FILE)
