"""A dialogue of fixes that consents to all, and fixes of the lab that are run through it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diagnostics.fixes.apply import Application
from diagnostics.fixes.dialogue import Choice, Offer, Red
from diagnostics.fixes.plan import diagnosis_to_fix, plan_of
from diagnostics.report.fix_record import FixedStep
from diagnostics.run.examination import Examination, examine
from diagnostics.targets.target import Target
from tests.support.proof import CATALOGUE


@dataclass
class Consent:
    """Dialogue that gives the same answer to every question, and keeps what it was shown."""

    choice: Choice = "run"
    undo: bool = True
    offers: list[Offer] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    ended: list[FixedStep] = field(default_factory=list)
    ways_back: list[str] = field(default_factory=list)

    def choose(self, offer: Offer) -> Choice:
        """Return the answer."""
        self.offers.append(offer)
        return self.choice

    def choose_sessions(self, offer: Offer) -> Sequence[str]:
        """Return all sessions that were shown."""
        return offer.sessions

    def carried_out(self, *, has_run: bool) -> bool:
        """Return True if a step was run."""
        return has_run

    def still_red(self, reasons: Sequence[str]) -> Red:
        """Keep the reasons; go on to the undo."""
        self.lines += reasons
        return "undo"

    def undoes(self, step: FixedStep, way: str) -> bool:
        """Return the answer to undos."""
        self.ways_back.append(f"{step.id}: {way}")
        return self.undo

    def copies(self, step: FixedStep) -> None:
        """Keep a step that is copied."""
        self.ended.append(step)

    def begins(self, step: FixedStep) -> None:
        """Keep the id of a step that begins."""
        self.lines.append(f"begins {step.id}")

    def line(self, text: str) -> None:
        """Keep a line of output."""
        self.lines.append(text)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Keep rows."""
        self.lines += [" ".join(row) for row in rows]

    def ends(self, step: FixedStep) -> None:
        """Keep a step that ended."""
        self.ended.append(step)

    def verifies(self, number: int, left_s: float) -> None:
        """Keep the number of the try."""
        self.lines.append(f"try {number}, {left_s:.0f} s left")


def examination_of(target: Target, finding: str) -> Examination:
    """Return an examination of a target by the probes of the entry of a finding."""
    entry = CATALOGUE.claims[finding].entry
    probes = CATALOGUE.with_needs(CATALOGUE.probes_of(entry))
    return Examination(catalogue=CATALOGUE, targets=(target,), active=True).with_probes(probes)


def found(target: Target, finding: str) -> bool:
    """Return True if the probes of the entry make the finding now."""
    report = examine(examination_of(target, finding))
    return any(item.code == finding for result in report.results for item in result.findings)


def application_of(
    target: Target, finding: str, dialogue: Consent, written: list[str], *, wait_s: float = 20.0
) -> Application:
    """Examine a target and return the application of the fix of a finding, which has to be confirmed."""
    examination = examination_of(target, finding)
    report = examine(examination)
    diagnosis = diagnosis_to_fix(report, CATALOGUE.claims[finding].entry.id, finding)
    assert diagnosis is not None, [(item.entry, item.verdict, item.finding) for item in report.diagnoses]
    return Application(
        plan=plan_of(diagnosis, target, CATALOGUE, examination.redactor),
        examination=examination,
        report=report,
        dialogue=dialogue,
        write=lambda event, step: written.append(f"{event} {step}"),
        wait_s=wait_s,
    )


def with_settings(target: Target, **settings: object) -> Target:
    """Return a target with other settings."""
    return replace(target, settings=replace(target.settings, **settings))  # type: ignore[arg-type]
