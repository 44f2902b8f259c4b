"""What is to be done at the end of a runbook: the fixes of what was seen, filled in for the target."""

from collections.abc import Iterator, Sequence

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.report.formats.json import diagnosis_of
from diagnostics.report.model import Diagnosis
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import entry_named, option_of
from diagnostics.targets.target import Target
from kb.records.models import Entry
from kb.records.placeholders import fill, fill_text
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import CONFIRMED, RunbookStep


def fixes_of(
    step: RunbookStep, visits: Sequence[StepRecord], catalogue: Catalogue, targets: Sequence[Target]
) -> tuple[Diagnosis, ...]:
    """The diagnoses whose fixes an end asks for; none for an end that is no fix.

    An entry of which the last look found nothing is there with every cause that it can have.
    """
    if not step.fix:
        return ()
    seen = _last_seen(visits)
    if step.fix == CONFIRMED:
        return tuple(one for one in seen if one.verdict == "confirmed")
    entry = entry_named(step.fix, catalogue)
    of_it = tuple(one for one in seen if one.entry == entry.id and one.finding)
    return of_it or tuple(one for target in targets for one in _possible(entry, target))


def _last_seen(visits: Sequence[StepRecord]) -> list[Diagnosis]:
    """What the last step that looked came to."""
    last = next((visit.report for visit in reversed(visits) if visit.report), {})
    return [diagnosis_of(data) for data in last.get("diagnoses", ())]


def _possible(entry: Entry, target: Target) -> Iterator[Diagnosis]:
    values = placeholder_values(target)
    for cause in entry.causes:
        yield Diagnosis(
            entry=entry.id,
            title=entry.title,
            verdict="suspected",
            target=target.name,
            finding=cause.finding,
            sentence=fill_text(cause.sentence, values),
            fix=tuple(fill(one, values) for one in cause.fix),
            next=(f"clearpay-doctor verify {entry.id} {option_of(target)}",),
        )
