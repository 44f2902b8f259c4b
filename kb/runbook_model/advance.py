"""The next step of a runbook, a pure function of the runbook and of the steps executed so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.runbook_model.model import Branch, Runbook, RunbookStep, StepOutcome


class RunbookMismatch(ValueError):
    """The executed steps do not fit the runbook: it has changed, or the log is of another runbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """An executed step."""

    step: str
    started: str
    """UTC, ISO 8601."""
    ended: str
    who: str
    """Login name of the person or account that executed the step."""
    answer: str = ""
    answered_by: str = ""
    """`terminal` or `--answer`; empty for a step without a question."""
    outcome: StepOutcome | Literal[""] = ""
    """Outcome of a step of kind `check` or `verify`; empty for other kinds."""
    findings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    """Entries confirmed as root causes."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """JSON report of a step of kind `check` or `verify`."""


def advance(runbook: Runbook, log: Iterable[StepRecord]) -> RunbookStep:
    """Return the step that follows those of a log; if the runbook has ended, this is its final step.

    Raises RunbookMismatch if the runbook would not have executed the steps of the log.
    """
    step = runbook.steps[0]
    for record in log:
        if record.step != step.id:
            raise RunbookMismatch(f"{runbook.id}: step {record.step!r} was executed instead of {step.id!r}")
        step = runbook.step(_next_id(step, record))
    return step


def _next_id(step: RunbookStep, record: StepRecord) -> str:
    next_id = next((branch.go for branch in step.then if is_taken(branch, record)), step.go)
    if not next_id:
        result = record.answer or record.outcome or "nothing"
        raise RunbookMismatch(f"{step.id}: no branch for {result!r}")
    return next_id


def is_taken(branch: Branch, record: StepRecord) -> bool:
    """Return True if the executed step meets the condition of a branch."""
    return bool(
        set(branch.findings) & set(record.findings)
        or set(branch.entries) & set(record.entries)
        or record.outcome in branch.outcomes
        or (branch.answer and branch.answer == record.answer)
    )
