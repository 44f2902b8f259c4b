"""Lint rules for the control flow of a runbook: reachable steps and ends, no endless loop."""

from collections.abc import Iterable, Iterator

from kb.runbook_model.model import (
    INCONCLUSIVE,
    OUTCOMES,
    VERIFIED,
    Branch,
    Breach,
    Rule,
    Runbook,
    RunbookStep,
    StepOutcome,
)


def possible_outcomes(step: RunbookStep) -> tuple[StepOutcome, ...]:
    """Return the outcomes that a step of kind `check` or `verify` can have."""
    return VERIFIED if step.kind == "verify" else OUTCOMES


def handled_outcomes(step: RunbookStep) -> set[str]:
    """Return the outcomes for which a step has a branch."""
    return {outcome for branch in step.then for outcome in branch.outcomes}


def _branch_order(runbook: Runbook) -> Iterator[Breach]:
    """Report each branch that is never taken because an earlier one covers it."""
    for number, step in enumerate(runbook.steps):
        seen: set[str] = set()
        for place, branch in enumerate(step.then):
            at = ("steps", number, "then", place)
            if "fail" in seen and (branch.findings or branch.entries):
                yield Breach(at, f"{step.id}: never taken after the branch for outcome fail; move it up")
            elif repeated := sorted(seen & set(_conditions(branch))):
                yield Breach(at, f"{step.id}: {', '.join(repeated)} has an earlier branch")
            seen |= set(_conditions(branch))


def _conditions(branch: Branch) -> Iterable[str]:
    return (*branch.findings, *branch.entries, *branch.outcomes)


def _inconclusive_green(runbook: Runbook) -> Iterator[Breach]:
    """Report each step where outcome `unknown` or `error` leads to a green end."""
    green_ends = {step.id for step in runbook.steps if step.kind == "green"}
    for number, step in enumerate(runbook.steps):
        if step.kind not in {"check", "verify"}:
            continue
        unhandled = [outcome for outcome in possible_outcomes(step) if outcome not in handled_outcomes(step)]
        targets = [(outcome, branch.go) for branch in step.then for outcome in branch.outcomes]
        targets += [(outcome, step.go) for outcome in unhandled]
        wrong = [outcome for outcome, go in targets if outcome in INCONCLUSIVE and go in green_ends]
        if wrong:
            problem = (
                f"outcome {' and '.join(wrong)} leads to a green end; an inconclusive outcome is not a pass"
            )
            yield Breach(("steps", number), f"{step.id}: {problem}")


def _reachable(runbook: Runbook) -> Iterator[Breach]:
    """Report each step that cannot be reached from the first one."""
    reachable = _reachable_from(runbook, {runbook.steps[0].id})
    for number, step in enumerate(runbook.steps):
        if step.id not in reachable:
            yield Breach(("steps", number), f"{step.id}: cannot be reached from the first step")


def _reachable_from(runbook: Runbook, start: set[str]) -> set[str]:
    reachable, queue = set(start), list(start)
    while queue:
        new = set(runbook.step(queue.pop()).leads_to) - reachable
        reachable |= new
        queue += new
    return reachable


def _terminating(runbook: Runbook) -> Iterator[Breach]:
    """Report each step from which no end can be reached."""
    ends = {step.id for step in runbook.steps if step.ends}
    for number, step in enumerate(runbook.steps):
        if not ends & _reachable_from(runbook, {step.id}):
            yield Breach(("steps", number), f"{step.id}: no end can be reached from here")


def _endless_loops(runbook: Runbook) -> Iterator[Breach]:
    """Report each step in a loop without a question, which would repeat the same checks endlessly."""
    for number, step in enumerate(runbook.steps):
        if step.id in _reachable_without_question(runbook, step):
            yield Breach(
                ("steps", number), f"{step.id}: endless loop; leads back to itself without a question"
            )


def _reachable_without_question(runbook: Runbook, start: RunbookStep) -> set[str]:
    """Return the ids of the steps that can follow a step without a question to a person in between."""
    reachable: set[str] = set()
    queue = [start]
    while queue:
        step = queue.pop()
        if step.kind != "ask":
            new = [name for name in step.leads_to if name not in reachable]
            reachable |= set(new)
            queue += [runbook.step(name) for name in new]
    return reachable


FLOW_RULES: tuple[Rule, ...] = (
    _branch_order,
    _inconclusive_green,
    _reachable,
    _terminating,
    _endless_loops,
)
