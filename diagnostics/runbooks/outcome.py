"""Fixes at the end of a runbook, placeholders filled in for the target."""

from collections.abc import Iterator, Sequence

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.report.formats.json import diagnosis_of
from diagnostics.report.model import Diagnosis
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import entry_named
from diagnostics.targets.command_line.target_command import TargetCommand
from diagnostics.targets.target import Target
from kb.records.models import Entry
from kb.records.placeholders import fill, fill_text
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import CONFIRMED, RunbookStep


def fixes_of(
    step: RunbookStep,
    visits: Sequence[StepRecord],
    catalogue: Catalogue,
    targets: Sequence[Target],
    kb: tuple[str, ...] = (),
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses with the fixes of an end step; none for an end without a fix.

    An entry that the last report has no finding of is returned with each of its causes as `suspected`. `kb`
    are the folders of a team's own entries, for the commands.
    """
    if not step.fix:
        return ()
    diagnoses = _last_diagnoses(visits)
    if step.fix == CONFIRMED:
        return tuple(item for item in diagnoses if item.verdict == "confirmed")
    entry = entry_named(step.fix, catalogue)
    matching = tuple(item for item in diagnoses if item.entry == entry.id and item.finding)
    return matching or tuple(
        item for target in targets for item in _possible(entry, TargetCommand(target, kb))
    )


def _last_diagnoses(visits: Sequence[StepRecord]) -> list[Diagnosis]:
    """Return the diagnoses of the last step with a report."""
    last = next((record.report for record in reversed(visits) if record.report), {})
    return [diagnosis_of(data) for data in last.get("diagnoses", ())]


def _possible(entry: Entry, command: TargetCommand) -> Iterator[Diagnosis]:
    values = placeholder_values(command.target, command.kb)
    for cause in entry.causes:
        yield Diagnosis(
            entry=entry.id,
            title=entry.title,
            verdict="suspected",
            target=command.target.name,
            finding=cause.finding,
            sentence=fill_text(cause.sentence, values),
            fix=tuple(fill(item, values) for item in cause.fix),
            next=(command.line("verify", entry.id, wait="2m"),),
        )
