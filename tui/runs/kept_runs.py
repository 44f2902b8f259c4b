"""The history as the screen of runs reads it."""

from collections.abc import Sequence

from diagnostics.history.comparison import difference
from diagnostics.history.comparison_text import difference_text
from diagnostics.history.listing import Summary, list_runs, load_run
from diagnostics.history.reader import UnreadableRun
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from tui.shared.history_types import RunLine

STATES = {"running": "running", "cut short": "cancelled"}


class KeptRuns:
    """The runs of this user, from their files."""

    def runs(self) -> Sequence[RunLine]:
        """The list, newest first."""
        return [_line(one) for one in list_runs().runs]

    def report(self, run_id: str) -> Report | None:
        """One run, whole; None where its file is gone or cannot be read."""
        try:
            return load_run(run_id).report
        except UnreadableRun:
            return None

    def difference(self, before: str, after: str) -> Sequence[str]:
        """What changed between two runs, a line each."""
        earlier, later = self.report(before), self.report(after)
        if earlier is None or later is None:
            return ["one of the two runs is gone"]
        return difference_text(difference(earlier, later), Terminal(width=100)).splitlines()


def _line(one: Summary) -> RunLine:
    said = ", ".join(one.entries) if one.verdict else one.outcome
    state = STATES.get(one.state, one.verdict or one.outcome)
    return RunLine(one.id, one.started, one.targets, state, f"{one.seconds:5.1f} s  {said}")
