"""Verification of a fix: the probes of an entry are run repeatedly until they pass."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from diagnostics.report.verification_text import reasons
from tui.triage.session import TriageSession

Schedule = Callable[[float, Callable[[], None]], Callable[[], object]]
"""Calls a function after some seconds; returns a function that cancels the call."""


class RunEntry(Protocol):
    """Starts a run of the probes of an entry."""

    def __call__(self, entry: str, *, active: bool) -> object:
        """Start the run; `active` includes active probes."""


class Attempt(NamedTuple):
    """Result of one attempt."""

    text: str
    verified: bool = False


class Verification:
    """The current verification, if any. It knows no screen: it is given functions that start runs."""

    def __init__(self, run_entry: RunEntry, schedule: Schedule) -> None:
        self._run_entry, self._schedule = run_entry, schedule
        self.entry = ""
        """The entry that is being verified; empty if there is none."""
        self._active = False
        self._cancel_next: Callable[[], object] | None = None

    def start(self, entry: str, *, active: bool) -> None:
        """Start to verify an entry; `active` is the user's consent to its active probes."""
        self.entry, self._active = entry, active
        self.try_now()

    def try_now(self) -> None:
        """Start the next attempt without a pause, if an entry is being verified."""
        self._cancel_scheduled()
        if self.entry:
            self._run_entry(self.entry, active=self._active)

    def result(self, session: TriageSession) -> Attempt:
        """Evaluate an attempt whose run has ended; schedule the next one unless the entry is green."""
        entry, pause_s = self.entry, session.state.pause_s
        if session.is_green(entry):
            self.entry = ""
            return Attempt(f"verified: {entry} is green", verified=True)
        self._cancel_next = self._schedule(pause_s, self.try_now)
        problem = "not green" if session.is_failing(entry) else "no answer"
        lines = (
            f"; {probe} {state}{reason}" for probe, state, reason in reasons(session.verification(entry))
        )
        why = next(lines, "")
        return Attempt(f"{problem} yet: {entry}; again in {pause_s:g} s, x cancels{why}")

    def stop(self) -> None:
        """Stop verifying."""
        self.entry = ""
        self._cancel_scheduled()

    def _cancel_scheduled(self) -> None:
        if self._cancel_next:
            self._cancel_next()
            self._cancel_next = None
