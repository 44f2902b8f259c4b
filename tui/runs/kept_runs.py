"""The history of runs, as the screens read it."""

from collections.abc import Sequence

from diagnostics.history.comparison import difference
from diagnostics.history.comparison_text import difference_text
from diagnostics.history.folder import path_of, runs_folder
from diagnostics.history.listing import Summary, list_runs, load_run
from diagnostics.history.reader import UnreadableRun
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from tui.shared.history_types import RunLine

SYMBOL_STATES = {"running": "running", "cut short": "interrupted"}
COMPARISON_COLUMNS = 100
MEGABYTE = 1_000_000


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
    result = run.verified or (", ".join(run.entries) if run.verdict else run.outcome)
    tries = f" {run.tries} tries" if run.tries > 1 else ""
    text = f"{result}{tries}  {run.seconds:.1f} s {_size(run.id)}"
    return RunLine(run.id, run.started, run.targets, _state(run), text)


def _state(run: Summary) -> str:
    """Return the state of a run in a word that `Symbols.state` accepts."""
    if run.verified:
        return "fixed" if run.was_confirmed else "green"
    return SYMBOL_STATES.get(run.state, run.verdict or run.outcome)


def _size(run_id: str) -> str:
    """Return the size of the file of a run, in six columns."""
    try:
        size = path_of(runs_folder(), run_id).stat().st_size
    except OSError:  # removed by another process at this moment
        return " " * 6
    return f"{size / 1000:3.0f} kB" if size < MEGABYTE else f"{size / MEGABYTE:3.0f} MB"
