"""What a person sees of a runbook while it runs: on a terminal's stderr, a line for each step."""

import sys

from diagnostics.events import Event, Started, Step
from diagnostics.runbooks.pages import visit_lines
from diagnostics.terminal import terminal_of
from kb.advance import Visit
from kb.runbook import Runbook, RunbookStep

CLEAR = "\r\x1b[K"


class Screen:
    """Says nothing where nobody looks."""

    def __init__(self, runbook: Runbook, *, shown: bool) -> None:
        self._runbook = runbook
        self._shown = shown

    def begins(self, step: RunbookStep) -> None:
        """A step begins."""
        if not step.ends:
            self._say(f"{CLEAR}{step.id}: {step.title}", end="\n" if step.kind == "ask" else "")

    def observe(self, event: Event) -> None:
        """A probe goes on."""
        if isinstance(event.body, Started | Step):
            doing = event.body.name if isinstance(event.body, Step) else "starts"
            self._say(f"{CLEAR}{event.key.probe}: {doing}", end="")

    def done(self, visit: Visit) -> None:
        """A step was done."""
        lines = "\n".join(visit_lines(visit, self._runbook, terminal_of(sys.stderr)))
        self._say(f"{CLEAR}{lines}", end="\n")

    def _say(self, text: str, end: str) -> None:
        if self._shown:
            print(text, end=end, file=sys.stderr, flush=True)
