"""Executions of runbooks on a broken lab; the result of each check is made once and reused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from diagnostics.engine.scheduler import Task
from diagnostics.lab.fault_injection import inject_also
from diagnostics.lab.lab import Lab
from diagnostics.run.examination import Examination
from diagnostics.run.selection import tasks
from diagnostics.runbooks.executor import Answer, Execution, end_of, perform
from diagnostics.runbooks.incident import End
from kb.runbook_model.advance import StepRecord, advance, is_taken
from kb.runbook_model.model import Runbook, RunbookStep
from tests.support.proof import CATALOGUE


@dataclass(frozen=True)
class Case:
    """Faults and answers, and the steps that an execution then takes."""

    steps: tuple[str, ...]
    broken: tuple[str, ...] = ()
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    blind: tuple[str, ...] = ()
    """Steps whose checks get no time, so that nothing is known."""
    absent: tuple[str, ...] = ()
    """Steps whose checks do not apply, as the target has no such endpoint."""
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Faults that replace the current ones after a step."""
    fixes: tuple[str, ...] = ()
    """Entries whose fixes the end shows."""


@dataclass
class LabState:
    """The lab and the records of its checks; faults are injected for new checks only."""

    lab: Lab
    broken: tuple[str, ...] = ()
    records: dict[object, StepRecord] = field(default_factory=dict)

    def set_faults(self, broken: tuple[str, ...]) -> None:
        """Inject these faults and end all others."""
        if broken != self.broken:
            self.lab.repair()
            self.broken = ()
            for finding in broken:
                inject_also(self.lab, finding)
            self.broken = broken


def run_case(state: LabState, runbook: Runbook, case: Case) -> tuple[list[str], list[StepRecord], End]:
    """Return the steps of an execution, their records, and its end."""
    answers = {step: list(texts) for step, texts in case.answers.items()}
    records: list[StepRecord] = []
    broken = case.broken

    def ask(step: RunbookStep) -> Answer:
        return Answer(answers[step.id].pop(0), "--answer")

    execution = Execution(
        runbook=runbook,
        examination=_examination(state.lab),
        tasks=_planner(state.lab),
        who="tester",
        ask=ask,
        step_started=lambda _: None,
        step_done=lambda _: None,
    )
    while not (step := advance(runbook, records)).ends:
        records.append(_perform_step(state, execution, step, case, broken))
        broken = case.after.get(step.id, broken)
    assert not any(answers.values()), "a question was not asked"
    return [*(record.step for record in records), step.id], records, end_of(execution, step, records)


def _perform_step(
    state: LabState, execution: Execution, step: RunbookStep, case: Case, broken: tuple[str, ...]
) -> StepRecord:
    if step.id in case.blind:
        return perform(replace(execution, examination=replace(execution.examination, deadline_s=1e-9)), step)
    if step.id in case.absent:
        return perform(replace(execution, tasks=lambda _: ()), step)
    if not (step.check or step.verify):
        return perform(execution, step)
    key = (broken, step.check, step.verify)
    if key not in state.records:
        state.set_faults(broken)
        current = replace(execution, examination=_examination(state.lab), tasks=_planner(state.lab))
        state.records[key] = perform(current, step)
    return replace(state.records[key], step=step.id)


def _examination(lab: Lab) -> Examination:
    return Examination(catalogue=CATALOGUE, targets=(lab.target,), active=True)


def _planner(lab: Lab) -> Callable[[Sequence[str]], Sequence[Task]]:
    target = lab.target
    return lambda probes: tasks([target], probes, CATALOGUE, active=True, forced=False)


def edges(runbook: Runbook) -> set[tuple[str, int]]:
    """Return every branch of every step by its index; the last index is that of `go`."""
    branches = {(step.id, index) for step in runbook.steps for index in range(len(step.then))}
    return branches | {(step.id, len(step.then)) for step in runbook.steps if step.go}


def edge_of(step: RunbookStep, record: StepRecord) -> tuple[str, int]:
    """Return the branch that was taken."""
    matching = (index for index, branch in enumerate(step.then) if is_taken(branch, record))
    return step.id, next(matching, len(step.then))
