"""Where a runbook stands: a pure function of the record and of what happened so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.runbook_model.model import Branch, Runbook, RunbookStep, StepOutcome


class RunbookMismatch(ValueError):
    """What happened is not what the runbook would do: the record changed, or the log is another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """A step that was done."""

    step: str
    started: str
    """UTC, ISO 8601."""
    ended: str
    who: str
    """The login name of the person or account that ran it."""
    answer: str = ""
    answered_by: str = ""
    """`terminal` or `--answer`; empty where nothing was asked."""
    outcome: StepOutcome | Literal[""] = ""
    """Of a step that looks; empty for the others."""
    findings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    """Entries that were confirmed as roots."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """The report of a step that looks, as its JSON document."""


def advance(runbook: Runbook, log: Iterable[StepRecord]) -> RunbookStep:
    """The step that is to be done next, after those of the log; it is an end where the runbook has ended.

    Raises OffTheRunbook.
    """
    step = runbook.steps[0]
    for visit in log:
        if visit.step != step.id:
            raise RunbookMismatch(f"{runbook.id}: {visit.step!r} was done where {step.id!r} is due")
        step = runbook.step(_after(step, visit))
    return step


def _after(step: RunbookStep, visit: StepRecord) -> str:
    taken = next((branch.go for branch in step.then if holds(branch, visit)), step.go)
    if not taken:
        came = visit.answer or visit.outcome or "nothing"
        raise RunbookMismatch(f"{step.id}: {came!r} leads nowhere")
    return taken


def holds(branch: Branch, visit: StepRecord) -> bool:
    """Whether a branch is taken after what happened."""
    return bool(
        set(branch.findings) & set(visit.findings)
        or set(branch.entries) & set(visit.entries)
        or visit.outcome in branch.outcomes
        or (branch.answer and branch.answer == visit.answer)
    )
