"""Dialogue of a fix with a person on a terminal."""

import sys
from collections.abc import Collection, Sequence
from typing import Final

from diagnostics.cli.fixing.step_output import INDENT, StepOutput
from diagnostics.fixes.dialogue import Choice, Offer, Red
from diagnostics.report.fix_record import FixedStep

YES: Final = frozenset({"y", "yes"})
STOP: Final = frozenset({"q", "quit"})
UNDO: Final = {
    "not needed": "",
    "impossible": "This cannot be undone.",
    "by hand": "Undone only by hand, as above.",
    "possible": "It can be undone from here if the error stays.",
}


class Person(StepOutput):
    """Dialogue that asks before each step; on production the target's name is typed."""

    def __init__(self, ids: Collection[str], *, forced: bool) -> None:
        """Take the ids of steps that options consent to; on production only if `forced`."""
        super().__init__(sys.stderr)
        self._ids, self._forced = ids, forced

    def choose(self, offer: Offer) -> Choice:
        """Show the step and ask. A line that is empty leaves it out."""
        self.describe(offer.step)
        if offer.rights:
            self.labelled("rights", offer.rights)
        if offer.preview:
            self.labelled("makes", "this difference:")
            self.code(offer.preview)
        if offer.undo_statements:
            self.labelled("puts", "back, if it is undone:")
            self.code("\n".join(offer.undo_statements))
        if offer.step.changes and UNDO[offer.undo]:
            self.say(f"{INDENT}{self._terminal.paint(UNDO[offer.undo], 'warn')}")
        if offer.step.id in self._ids and (self._forced or not offer.production):
            return "run"
        return self._ask(offer)

    def _ask(self, offer: Offer) -> Choice:
        expected, prompt = YES, "Run it? [y]es, [s]kip, [q]uit: "
        if offer.step.changes and offer.production:
            expected = frozenset({offer.target.lower()})
            prompt = f"{offer.target} is production. Type its name to run this, [s]kip, [q]uit: "
        elif offer.step.changes and offer.undo == "impossible":
            expected, prompt = frozenset({"yes"}), "Type yes to run it, [s]kip, [q]uit: "
        answer = self._read(prompt)
        if answer is None or answer in STOP - expected:
            return "stop"
        return "run" if answer in expected else "skip"

    def choose_sessions(self, offer: Offer) -> Sequence[str]:
        """Ask for the process ids that the step acts on."""
        self.say("")
        self.say(f"{self._terminal.paint(offer.step.title, 'strong')}  changes")
        answer = self._read("Which pids of those above? [s]kip: ")
        return tuple(word for word in (answer or "").replace(",", " ").split() if word.isdecimal())

    def carried_out(self, *, has_run: bool) -> bool:
        """Ask if the steps were carried out by hand; after a step that ran, wait for it."""
        if has_run:
            self._read("Carry out by hand what applies of the steps above; Enter verifies: ")
            return True
        return (self._read("Carried out by hand? [y]es verifies, Enter ends: ") or "") in YES

    def still_red(self, reasons: Sequence[str]) -> Red:
        """Show the reasons and ask."""
        self.say("")
        self.say(self._terminal.paint("Not green:", "bad"))
        for reason in reasons:
            self.labelled("", reason)
        answer = self._read("[v]erify again, [u]ndo, Enter ends: ") or ""
        return "verify" if answer.startswith("v") else "undo" if answer.startswith("u") else "end"

    def undoes(self, step: FixedStep, way: str) -> bool:
        """Show the way back and ask."""
        self.say("")
        self.say(f"To undo {step.id}:")
        self.code(way)
        return (self._read("Undo it? [y/N]: ") or "") in YES

    def _read(self, prompt: str) -> str | None:
        """Return the answer in lower case; None at the end of the input."""
        sys.stderr.write(prompt)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            sys.stderr.write("\n")
            return None
        return line.strip().lower()
