"""Export of a recorded run in any format, as its command would have written it."""

from diagnostics.history.replay import RecordedRun
from diagnostics.report.formats import FORMATS, STREAMED
from diagnostics.terminal import Terminal

FILE = Terminal(width=100)
"""A file: without colour."""


def exported(run: RecordedRun, format_: str) -> str:
    """Return the run as text in one of `FORMATS`, or its lines for `ndjson`.

    The lines of a run that has not ended are without the last one.
    """
    return "".join(run.lines) if format_ == STREAMED else FORMATS[format_](run.report, FILE)
