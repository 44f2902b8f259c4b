"""What a person sees of a runbook while it runs: on a terminal's stderr, a line for each step."""

import sys

from diagnostics.engine.events import Event, Started, Step
from diagnostics.runbooks.incident_report import step_lines
from diagnostics.terminal import replace_progress, show_progress, terminal_of
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import Runbook, RunbookStep


class Screen:
    """Says nothing where nobody looks."""

    def __init__(self, runbook: Runbook, *, shown: bool) -> None:
        self._runbook = runbook
        self._shown = shown

    def begins(self, step: RunbookStep) -> None:
        """A step begins."""
        if self._shown and not step.ends:
            (replace_progress if step.kind == "ask" else show_progress)(f"{step.id}: {step.title}")

    def observe(self, event: Event) -> None:
        """A probe goes on."""
        if self._shown and isinstance(event.body, Started | Step):
            doing = event.body.name if isinstance(event.body, Step) else "starts"
            show_progress(f"{event.key.probe}: {doing}")

    def done(self, visit: StepRecord) -> None:
        """A step was done."""
        if self._shown:
            replace_progress("\n".join(step_lines(visit, self._runbook, terminal_of(sys.stderr))))
