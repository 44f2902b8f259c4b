"""Lint rules for valid runbooks: each step by itself, and then the control flow."""

from collections.abc import Iterator

from kb.records.lint import ID, VERSION
from kb.runbook_model.flow_lint import FLOW_RULES, handled_outcomes, possible_outcomes
from kb.runbook_model.model import KINDS, Branch, Breach, Place, Rule, Runbook, RunbookStep
from kb.text.suggestions import did_you_mean


def lint_runbook(runbook: Runbook) -> list[Breach]:
    """Return the breaches of a runbook; the control flow is examined if each step by itself is correct."""
    breaches = [breach for rule in STEP_RULES for breach in rule(runbook)]
    if not breaches:
        breaches = [breach for rule in FLOW_RULES for breach in rule(runbook)]
    return breaches


def _naming(runbook: Runbook) -> Iterator[Breach]:
    if not ID.fullmatch(runbook.id):
        yield Breach((), "id: name the file with words joined by hyphens, such as database-unreachable")
    if runbook.since and not VERSION.fullmatch(runbook.since):
        yield Breach(("since",), f"{runbook.since!r} is not a version such as 0.1.0")
    if not runbook.steps:
        yield Breach(("steps",), "at least one step is required")
    ids: set[str] = set()
    for number, step in enumerate(runbook.steps):
        if step.id in ids:
            yield Breach(("steps", number, "id"), f"{step.id!r} is the id of an earlier step too")
        ids.add(step.id)


def _kinds(runbook: Runbook) -> Iterator[Breach]:
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            problem = f"give exactly one of {', '.join(KINDS)}; found {', '.join(step.kinds) or 'none'}"
            yield Breach(("steps", number), f"{step.id}: {problem}")


def _next_steps(runbook: Runbook) -> Iterator[Breach]:
    """Report each `go` that names an unknown step."""
    ids = [step.id for step in runbook.steps]
    for number, step in enumerate(runbook.steps):
        targets: list[tuple[Place, str]] = [(("steps", number, "go"), step.go)] if step.go else []
        targets += [(("steps", number, "then", place), branch.go) for place, branch in enumerate(step.then)]
        for at, name in targets:
            if name not in ids:
                near = did_you_mean(name, ids) or f"steps: {', '.join(ids)}"
                yield Breach(at, f"{step.id}: go: no step {name!r}; {near}")


def _conditions(runbook: Runbook) -> Iterator[Breach]:
    """Report each branch without exactly one condition of a type that its step allows."""
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            continue
        for place, branch in enumerate(step.then):
            if problem := _condition_problem(step, branch):
                yield Breach(("steps", number, "then", place), f"{step.id}: {problem}")


ALLOWED_CONDITIONS = {
    "check": ("findings", "entries", "outcomes"),
    "verify": ("findings", "outcomes"),
    "ask": ("answer",),
}


def _condition_problem(step: RunbookStep, branch: Branch) -> str:
    allowed = ALLOWED_CONDITIONS.get(step.kind, ())
    given = [field for field in ("findings", "entries", "outcomes", "answer") if getattr(branch, field)]
    if not allowed:
        return f"a step that {_does(step)} has no branches"
    if len(given) != 1 or given[0] not in allowed:
        return f"a branch of a step that {_does(step)} names one of {', '.join(allowed)}"
    return ""


def _does(step: RunbookStep) -> str:
    words = {"check": "checks", "verify": "verifies", "ask": "asks", "tell": "tells"}
    return words.get(step.kind, "ends")


def _complete(runbook: Runbook) -> Iterator[Breach]:
    """Report each step with an outcome or answer without a next step, and each end with one."""
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            continue
        if problem := _next_step_problem(step):
            yield Breach(("steps", number), f"{step.id}: {problem}")


def _next_step_problem(step: RunbookStep) -> str:
    if step.ends:
        return "an end has no next step; remove go" if step.go else ""
    match step.kind:
        case "check" | "verify":
            return _outcome_problem(step)
        case "ask":
            return _answer_problem(step)
        case _:
            return "" if step.go else "no next step; add go"


def _outcome_problem(step: RunbookStep) -> str:
    missing = [outcome for outcome in possible_outcomes(step) if outcome not in handled_outcomes(step)]
    if step.go or not missing:
        return ""
    return f"no next step for outcome {' and '.join(missing)}; add a branch or go"


def _answer_problem(step: RunbookStep) -> str:
    if step.go:
        return "each answer has a branch; remove go"
    if len(step.choices) < 2 or len(set(step.choices)) < len(step.choices):  # noqa: PLR2004
        return "a question needs at least two different answers"
    return ""


STEP_RULES: tuple[Rule, ...] = (_naming, _kinds, _next_steps, _conditions, _complete)
