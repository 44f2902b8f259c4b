"""The history of runs, as the screens read it."""

from collections.abc import Sequence

from diagnostics.history.comparison import difference
from diagnostics.history.comparison_text import difference_text
from diagnostics.history.listing import Summary, list_runs, load_run
from diagnostics.history.reader import UnreadableRun
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from tui.shared.history_types import RunLine

SYMBOL_STATES = {"running": "running", "cut short": "cancelled"}
COMPARISON_COLUMNS = 100


class KeptRuns:
    """The recorded runs of this user; a `RunHistory`."""

    def runs(self) -> Sequence[RunLine]:
        """Return the runs, newest first."""
        return [_run_line(run) for run in list_runs().runs]

    def report(self, run_id: str) -> Report | None:
        """Return the report of a run; None if its file is gone or cannot be read."""
        try:
            return load_run(run_id).report
        except UnreadableRun:
            return None

    def difference(self, before: str, after: str) -> Sequence[str]:
        """Return the changes between two runs, one line each."""
        earlier, later = self.report(before), self.report(after)
        if earlier is None or later is None:
            return ["one of the two runs is gone"]
        return difference_text(difference(earlier, later), Terminal(width=COMPARISON_COLUMNS)).splitlines()


def _run_line(run: Summary) -> RunLine:
    result = ", ".join(run.entries) if run.verdict else run.outcome
    state = SYMBOL_STATES.get(run.state, run.verdict or run.outcome)
    return RunLine(run.id, run.started, run.targets, state, f"{run.seconds:5.1f} s  {result}")
