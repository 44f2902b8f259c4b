"""Plan of a fix: each step of a confirmed cause with its id, its place or the reason to copy it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import CannotTell
from diagnostics.fixes.contexts import with_context
from diagnostics.fixes.file_copies import files_of
from diagnostics.fixes.places import Place, place_of
from diagnostics.fixes.step_ids import step_ids
from diagnostics.fixes.undo import Reversibility, reversibility
from diagnostics.redaction import Redactor
from diagnostics.report.fix_record import FixedStep
from diagnostics.report.model import Diagnosis, Report
from diagnostics.run.examination import masked_values
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.targets.target import Target
from kb.records.models import Cause, FixStep
from kb.records.placeholders import EVIDENCE, fill, placeholders_in
from kb.text.sanitize import strip_controls

PID = "pid"
"""Placeholder of a session, which a person chooses among those that the step before shows."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """Step of a fix with what is needed to run it; `filled` may contain secrets."""

    id: str
    written: FixStep
    """Step of the record."""
    filled: FixStep = field(repr=False)
    masked: FixStep
    """The same with masked values, as it is shown and kept."""
    place: Place | None
    reason: str
    """Reason why it has no place."""
    undo: Reversibility

    @property
    def code(self) -> str:
        """Code that runs. It may contain secrets."""
        return in_context(self.filled, self.place)

    @property
    def needs_pid(self) -> bool:
        """True if it acts on sessions that have to be chosen."""
        return PID in placeholders_in(self.written.code)

    def shown(self) -> FixedStep:
        """Return the step as reports have it, without secrets."""
        ways = "\n".join(f"{platform}: {way.code}" for platform, way in self.masked.ways.items())
        return FixedStep(
            id=self.id,
            title=self.masked.title,
            kind=self.filled.kind,
            changes=self.filled.changes,
            state="ready" if self.place else "copy",
            place=self.place.where if self.place else "",
            account=self.place.account if self.place else "",
            command=in_context(self.masked, self.place) or ways,
            undo=self.masked.undo,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class FixPlan:
    """Steps that end one finding on one target."""

    diagnosis: Diagnosis
    target: Target
    cause: Cause
    values: Mapping[str, str] = field(repr=False)
    """Values of the placeholders. They may contain secrets."""
    steps: tuple[PlannedStep, ...]


def diagnosis_to_fix(report: Report, entry: str, finding: str = "") -> Diagnosis | None:
    """Return the diagnosis of an entry whose cause this run has established; None without one.

    A warning counts: its probe has seen it. A text and supporting findings do not: nobody has seen the cause.
    """
    found = (item for item in report.diagnoses if item.entry == entry and item.fix and item.finding)
    return next((item for item in found if finding in {"", item.finding}), None)


def root_of(report: Report, entry: str) -> str:
    """Return the entry that has to be fixed first, if this one is only a consequence of it; else empty."""
    return next((item.entry for item in report.diagnoses if entry in item.folded), "")


def plan_of(
    diagnosis: Diagnosis, target: Target, catalogue: Catalogue, redactor: Redactor, kb: tuple[str, ...] = ()
) -> FixPlan:
    """Return the plan for the finding of a diagnosis, in the order of the record."""
    cause = catalogue.claims[diagnosis.finding].cause
    values = {**placeholder_values(target, kb), EVIDENCE: "\n".join(diagnosis.for_)}
    shown = {**masked_values(target, redactor, kb), EVIDENCE: values[EVIDENCE]}
    steps = [
        _planned(id_, step, values, shown, target)
        for id_, step in zip(step_ids(cause), cause.fix, strict=True)
    ]
    return FixPlan(diagnosis, target, cause, values, tuple(steps))


def _planned(
    id_: str, step: FixStep, values: Mapping[str, str], shown: Mapping[str, str], target: Target
) -> PlannedStep:
    filled = fill(step, {**values, PID: f"<{PID}>"})
    place, reason = None, ""
    try:
        place = place_of(step, filled, values, target)
    except CannotTell as error:
        reason = str(error)
    has_copies = any(True for _ in files_of(step, values)) and bool(step.edit or step.kind == "shell")
    masked_step = fill(step, {**shown, PID: f"<{PID}>"})
    undo = reversibility(filled, has_copies=has_copies)
    return PlannedStep(id_, step, filled, masked_step, place, reason, undo)


def in_context(step: FixStep, place: Place | None) -> str:
    """Return the code of a step with the account that its place names."""
    return with_context(step.code, place.context) if place and place.context else step.code


def masked(text: str, redactor: Redactor) -> str:
    """Return a text with its lines, secrets masked and control characters removed."""
    return "\n".join(redactor(strip_controls(line)) for line in text.splitlines())


def masked_lines(lines: Sequence[str], redactor: Redactor) -> tuple[str, ...]:
    """Return lines as `masked` does."""
    return tuple(masked(line, redactor) for line in lines)
