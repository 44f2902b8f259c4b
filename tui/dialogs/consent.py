"""Consent to active probes: the dialog shows what each of them sends, to what, and how often."""

from collections.abc import Sequence
from typing import Protocol

from diagnostics.engine.scheduler import Task
from tui.dialogs.choice import Choice
from tui.shared.host import Host
from tui.shared.state import State
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row


class Run(Protocol):
    """A run with or without active probes."""

    def __call__(self, *, active: bool) -> object:
        """Start the run."""


def ask_consent(
    host: Host, tasks: Sequence[Task], run: Run, *, frequency: str = "once", run_if_declined: bool = False
) -> None:
    """Ask whether active tasks may run, and start the run; without such tasks start it at once."""

    def answered(answer: str | None) -> None:
        if answer or run_if_declined:
            run(active=bool(answer))

    if tasks:
        host.push_screen(consent_dialog(tasks, host.state, frequency), answered)
    else:
        run(active=False)


def consent_dialog(tasks: Sequence[Task], state: State, frequency: str) -> Choice:
    """Return the question whether active tasks may run."""
    target = tasks[0].target
    destination = f"{target.name}, which is production" if target.production else target.name
    lines = [Line(f"{task.probe} sends: {state.catalogue.probes[task.probe].SENDS}") for task in tasks]
    lines.append(Line(f"Destination: {destination}.", "warn" if target.production else "strong"))
    answers = [
        Row("", (Piece("n  no, send nothing"),)),
        Row("yes", (Piece(f"y  yes, send this {frequency}"),)),
    ]
    return Choice(
        "May this be sent?", answers, lines=lines, letters={"y": "yes", "n": ""}, bar=state.symbols.bar
    )
