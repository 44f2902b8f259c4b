"""Consent by options, for calls without a terminal: `--yes-to` names each step, `--pid` each session."""

import sys
from collections.abc import Collection, Sequence

from diagnostics.cli.fixing.step_output import StepOutput
from diagnostics.fixes.dialogue import Choice, Offer, Red
from diagnostics.report.fix_record import FixedStep


class GivenConsent(StepOutput):
    """Dialogue that runs the steps that options name, and no others."""

    def __init__(self, ids: Collection[str], sessions: Sequence[str], *, forced: bool, undo: bool) -> None:
        """Take the ids of steps, process ids, and if steps on production and undos are allowed."""
        super().__init__(sys.stderr)
        self._ids, self._sessions = ids, sessions
        self._forced, self._undo = forced, undo

    def choose(self, offer: Offer) -> Choice:
        """Return `run` for a step that is named; on production only with `--force-production`."""
        if offer.step.id not in self._ids:
            return "skip"
        if offer.production and not self._forced:
            self.say(f"{offer.step.id}: {offer.target} is production; add --force-production")
            return "skip"
        return "run"

    def choose_sessions(self, offer: Offer) -> Sequence[str]:
        """Return the process ids of the options."""
        if offer.step.id in self._ids and not self._sessions:
            shown = " ".join(f"--pid {pid}" for pid in offer.sessions)
            self.say(f"{offer.step.id}: name the sessions; the step before shows {shown}")
        return self._sessions if offer.step.id in self._ids else ()

    def carried_out(self, *, has_run: bool) -> bool:
        """Return True only to verify what ran: nobody is there who could have done the rest."""
        return has_run

    def still_red(self, reasons: Sequence[str]) -> Red:
        """Return `undo`: each undo needs consent of its own."""
        for reason in reasons:
            self.say(f"still red: {reason}")
        return "undo"

    def undoes(self, step: FixedStep, way: str) -> bool:
        """Return True with `--undo`; else say how."""
        self.say(f"still there. {'Undoing' if self._undo else 'With --undo this would undo'} {step.id}:")
        self.code(way)
        return self._undo
