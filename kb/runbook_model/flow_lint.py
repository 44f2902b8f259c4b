"""How the steps of a valid runbook hang together: all are reached, all ways end, none goes round for ever."""

from collections.abc import Iterable, Iterator

from kb.runbook_model.model import (
    NO_ANSWER,
    OUTCOMES,
    VERIFIED,
    Branch,
    Breach,
    Rule,
    Runbook,
    RunbookStep,
    StepOutcome,
)


def possible(step: RunbookStep) -> tuple[StepOutcome, ...]:
    """The outcomes that a step that looks can have."""
    return VERIFIED if step.kind == "verify" else OUTCOMES


def led_on(step: RunbookStep) -> set[str]:
    """The outcomes that have a branch of their own."""
    return {outcome for branch in step.then for outcome in branch.outcomes}


def _order(runbook: Runbook) -> Iterator[Breach]:
    """A branch that an earlier one covers is never taken."""
    for number, step in enumerate(runbook.steps):
        seen: set[str] = set()
        for place, branch in enumerate(step.then):
            at = ("steps", number, "then", place)
            if "fail" in seen and (branch.findings or branch.entries):
                yield Breach(at, f"{step.id}: stands behind outcome fail, so it is never taken; move it up")
            elif twice := sorted(seen & set(_named(branch))):
                yield Breach(at, f"{step.id}: {', '.join(twice)} has an earlier branch")
            seen |= set(_named(branch))


def _named(branch: Branch) -> Iterable[str]:
    return (*branch.findings, *branch.entries, *branch.outcomes)


def _honest(runbook: Runbook) -> Iterator[Breach]:
    """No answer is never a pass."""
    green = {step.id for step in runbook.steps if step.kind == "green"}
    for number, step in enumerate(runbook.steps):
        if step.kind not in {"check", "verify"}:
            continue
        left = [outcome for outcome in possible(step) if outcome not in led_on(step)]
        ways = [(outcome, branch.go) for branch in step.then for outcome in branch.outcomes]
        ways += [(outcome, step.go) for outcome in left]
        wrong = [outcome for outcome, go in ways if outcome in NO_ANSWER and go in green]
        if wrong:
            problem = f"outcome {' and '.join(wrong)} leads to a green end; no answer is never a pass"
            yield Breach(("steps", number), f"{step.id}: {problem}")


def _reached(runbook: Runbook) -> Iterator[Breach]:
    found = _from(runbook, {runbook.steps[0].id})
    for number, step in enumerate(runbook.steps):
        if step.id not in found:
            yield Breach(("steps", number), f"{step.id}: no step leads here")


def _from(runbook: Runbook, start: set[str]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        new = set(runbook.step(waiting.pop()).leads_to) - found
        found |= new
        waiting += new
    return found


def _ending(runbook: Runbook) -> Iterator[Breach]:
    """From every step some way leads to an end."""
    ends = {step.id for step in runbook.steps if step.ends}
    for number, step in enumerate(runbook.steps):
        if not ends & _from(runbook, {step.id}):
            yield Breach(("steps", number), f"{step.id}: no way from here ever ends")


def _turning(runbook: Runbook) -> Iterator[Breach]:
    """A circle in which nobody is asked would turn for ever: what is looked at again is still the same."""
    for number, step in enumerate(runbook.steps):
        if step.id in _unasked_from(runbook, step):
            yield Breach(
                ("steps", number), f"{step.id}: leads back to itself without asking anybody: endless"
            )


def _unasked_from(runbook: Runbook, step: RunbookStep) -> set[str]:
    """The steps that follow a step, through steps that ask nobody."""
    found: set[str] = set()
    waiting = [step]
    while waiting:
        one = waiting.pop()
        if one.kind != "ask":
            new = [name for name in one.leads_to if name not in found]
            found |= set(new)
            waiting += [runbook.step(name) for name in new]
    return found


TOGETHER: tuple[Rule, ...] = (_order, _honest, _reached, _ending, _turning)
