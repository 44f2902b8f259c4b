"""What the screen of runs reads: a small view of the history, wherever that is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from diagnostics.engine.events import Event
from diagnostics.report.model import Report


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list."""

    run_id: str
    started: str
    targets: tuple[str, ...]
    state: str
    """A verdict or an outcome: what `Symbols.state` can show."""
    summary: str


class Record(Protocol):
    """Keeps one run as it happens."""

    def observe(self, event: Event) -> None:
        """Take an event."""

    def finish(self, report: Report) -> Report:
        """Take the end; the report, with a note where it could not be kept whole."""


RunRecorder = Callable[[Report], Record]


class RunHistory(Protocol):
    """Runs that were recorded, newest first."""

    def runs(self) -> Sequence[RunLine]:
        """The list."""

    def report(self, run_id: str) -> Report | None:
        """One run, whole; None for one that is gone."""

    def difference(self, before: str, after: str) -> Sequence[str]:
        """What changed between two runs, one sentence each."""
