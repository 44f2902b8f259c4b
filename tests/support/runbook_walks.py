"""Walks of runbooks through a lab that is broken on purpose, each look made once and remembered."""

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
class Way:
    """What is broken and what is answered, and the steps that a walk then takes."""

    steps: tuple[str, ...]
    broken: tuple[str, ...] = ()
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    blind: tuple[str, ...] = ()
    """Steps that get no time, so that nothing answers."""
    absent: tuple[str, ...] = ()
    """Steps of which nothing applies: the target has no such endpoint."""
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is broken instead once a step was done."""
    fixes: tuple[str, ...] = ()
    """Entries whose fixes the end shows."""


@dataclass
class World:
    """The lab and what was seen of it; it is broken only where a look is not remembered."""

    lab: Lab
    broken: tuple[str, ...] = ()
    seen: dict[object, StepRecord] = field(default_factory=dict)

    def be(self, broken: tuple[str, ...]) -> None:
        """Break the lab so, and in no other way."""
        if broken != self.broken:
            self.lab.repair()
            self.broken = ()
            for finding in broken:
                inject_also(self.lab, finding)
            self.broken = broken


def walked(world: World, runbook: Runbook, way: Way) -> tuple[list[str], list[StepRecord], End]:
    """The steps that a walk takes, what they came to, and its end."""
    answers = {step: list(given) for step, given in way.answers.items()}
    visits: list[StepRecord] = []
    broken = way.broken

    def ask(step: RunbookStep) -> Answer:
        return Answer(answers[step.id].pop(0), "--answer")

    plan = Execution(
        runbook=runbook,
        examination=_examination(world.lab),
        tasks=_planner(world.lab),
        who="tester",
        ask=ask,
        step_started=lambda _: None,
        step_done=lambda _: None,
    )
    while not (step := advance(runbook, visits)).ends:
        visits.append(_performed(world, plan, step, way, broken))
        broken = way.after.get(step.id, broken)
    assert not any(answers.values()), "a question was not asked"
    return [*(visit.step for visit in visits), step.id], visits, end_of(plan, step, visits)


def _performed(
    world: World, plan: Execution, step: RunbookStep, way: Way, broken: tuple[str, ...]
) -> StepRecord:
    if step.id in way.blind:
        return perform(replace(plan, examination=replace(plan.examination, deadline_s=1e-9)), step)
    if step.id in way.absent:
        return perform(replace(plan, tasks=lambda _: ()), step)
    if not (step.check or step.verify):
        return perform(plan, step)
    key = (broken, step.check, step.verify)
    if key not in world.seen:
        world.be(broken)
        fresh = replace(plan, examination=_examination(world.lab), tasks=_planner(world.lab))
        world.seen[key] = perform(fresh, step)
    return replace(world.seen[key], step=step.id)


def _examination(lab: Lab) -> Examination:
    return Examination(catalogue=CATALOGUE, targets=(lab.target,), active=True)


def _planner(lab: Lab) -> Callable[[Sequence[str]], Sequence[Task]]:
    target = lab.target
    return lambda probes: tasks([target], probes, CATALOGUE, active=True, forced=False)


def edges(runbook: Runbook) -> set[tuple[str, int]]:
    """Every branch of every step, by its place; the last place is that of `go`."""
    found = {(step.id, place) for step in runbook.steps for place in range(len(step.then))}
    return found | {(step.id, len(step.then)) for step in runbook.steps if step.go}


def edge_of(step: RunbookStep, visit: StepRecord) -> tuple[str, int]:
    """The branch that was taken."""
    held = (place for place, branch in enumerate(step.then) if is_taken(branch, visit))
    return step.id, next(held, len(step.then))
