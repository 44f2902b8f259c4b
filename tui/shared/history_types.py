"""Types through which the screens read and write the history of runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from diagnostics.engine.events import Event
from diagnostics.report.model import Report


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the list of runs."""

    run_id: str
    started: str
    """UTC, ISO 8601."""
    targets: tuple[str, ...]
    state: str
    """A verdict or an outcome, as `Symbols.state` accepts it."""
    summary: str


class Record(Protocol):
    """A run that is written to the history while it goes on."""

    def observe(self, event: Event) -> None:
        """Write an event."""

    def finish(self, report: Report) -> Report:
        """Write the end; return the report, with a note if the record is incomplete."""


RunRecorder = Callable[[Report], Record]
"""Begins the record of a run from its empty report."""


class RunHistory(Protocol):
    """Recorded runs."""

    def runs(self) -> Sequence[RunLine]:
        """Return the runs, newest first."""

    def report(self, run_id: str) -> Report | None:
        """Return the report of a run; None if its record is gone."""

    def difference(self, before: str, after: str) -> Sequence[str]:
        """Return the changes between two runs, one sentence each."""
