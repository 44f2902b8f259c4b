"""Progress of a runbook run on stderr of a terminal: one line per step."""

import sys

from diagnostics.engine.events import Event, Started, Step
from diagnostics.runbooks.incident_report import step_lines
from diagnostics.terminal import replace_progress, show_progress, terminal_of
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import Runbook, RunbookStep


class RunbookProgress:
    """Callbacks of an `Execution` that print its steps; nothing is printed unless enabled."""

    def __init__(self, runbook: Runbook, *, enabled: bool) -> None:
        self._runbook = runbook
        self._enabled = enabled

    def begins(self, step: RunbookStep) -> None:
        """Show the step that begins."""
        if self._enabled and not step.ends:
            (replace_progress if step.kind == "ask" else show_progress)(f"{step.id}: {step.title}")

    def observe(self, event: Event) -> None:
        """Show the current step of a probe, as an observer of its run."""
        if self._enabled and isinstance(event.body, Started | Step):
            activity = event.body.name if isinstance(event.body, Step) else "starts"
            show_progress(f"{event.key.probe}: {activity}")

    def done(self, visit: StepRecord) -> None:
        """Print the lines of a step that is done."""
        if self._enabled:
            replace_progress("\n".join(step_lines(visit, self._runbook, terminal_of(sys.stderr))))
