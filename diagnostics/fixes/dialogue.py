"""Dialogue of a fix: what is asked before a step, and what is shown of it.

The command line and the screen have one each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from diagnostics.fixes.undo import Reversibility
from diagnostics.report.fix_record import FixedStep

Choice = Literal["run", "skip", "stop"]
Red = Literal["verify", "undo", "end"]
"""Ways to go on after a verification that is not green."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that could be run now. Its texts have no secrets."""

    step: FixedStep
    target: str
    production: bool
    rights: str
    undo: Reversibility
    undo_statements: tuple[str, ...] = ()
    """Statements that put back what the step changes, read from the server before it."""
    preview: str = ""
    """Difference that it makes to a file."""
    sessions: tuple[str, ...] = field(default=())
    """Process ids that the step before has shown, for a step that acts on some of them."""
    needs_pid: bool = False


class Dialogue(Protocol):
    """Questions to a person, and lines for them. A method that asks may raise KeyboardInterrupt."""

    def choose(self, offer: Offer) -> Choice:
        """Return if the step may run."""

    def choose_sessions(self, offer: Offer) -> Sequence[str]:
        """Return the process ids that a step acts on; none leaves the step out."""

    def carried_out(self, *, has_run: bool) -> bool:
        """Return True to verify now, with the steps that were copied carried out by hand.

        `has_run` is True if a step was run, so that it is verified in any case.
        """

    def still_red(self, reasons: Sequence[str]) -> Red:
        """Return how to go on where the probes did not pass, for these reasons."""

    def undoes(self, step: FixedStep, way: str) -> bool:
        """Return True if a step may be undone now, because the error is still there."""

    def copies(self, step: FixedStep) -> None:
        """Show a step that has no place here."""

    def begins(self, step: FixedStep) -> None:
        """Say that a step begins; the history has it before."""

    def line(self, text: str) -> None:
        """Show a line of output, secrets masked."""

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show the rows that a query returned, the names of the columns first."""

    def ends(self, step: FixedStep) -> None:
        """Say how a step ended."""

    def verifies(self, number: int, left_s: float) -> None:
        """Say that the probes run again, for the `number`th time, with the seconds left."""
