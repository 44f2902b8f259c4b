"""What a valid runbook must also be: each step by itself, and then all of them together."""

from collections.abc import Iterator

from kb.records.lint import ID, VERSION
from kb.runbook_model.flow_lint import TOGETHER, led_on, possible
from kb.runbook_model.model import KINDS, Branch, Breach, Place, Rule, Runbook, RunbookStep
from kb.text.suggestions import did_you_mean


def lint_runbook(runbook: Runbook) -> list[Breach]:
    """Every breach. Where a step is wrong by itself, how steps hang together is not looked at."""
    breaches = [breach for rule in EACH for breach in rule(runbook)]
    if not breaches:
        breaches = [breach for rule in TOGETHER for breach in rule(runbook)]
    return breaches


def _naming(runbook: Runbook) -> Iterator[Breach]:
    if not ID.fullmatch(runbook.id):
        yield Breach((), "id: name the file with words joined by hyphens, such as database-unreachable")
    if runbook.since and not VERSION.fullmatch(runbook.since):
        yield Breach(("since",), f"{runbook.since!r} is not a version such as 0.1.0")
    if not runbook.steps:
        yield Breach(("steps",), "at least one step is needed")
    known: set[str] = set()
    for number, step in enumerate(runbook.steps):
        if step.id in known:
            yield Breach(("steps", number, "id"), f"{step.id!r} is the id of an earlier step too")
        known.add(step.id)


def _kinds(runbook: Runbook) -> Iterator[Breach]:
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            found = ", ".join(step.kinds) or "none"
            yield Breach(
                ("steps", number), f"{step.id}: give exactly one of {', '.join(KINDS)}; found {found}"
            )


def _names(runbook: Runbook) -> Iterator[Breach]:
    """Every name of a next step is a step's."""
    known = [step.id for step in runbook.steps]
    for number, step in enumerate(runbook.steps):
        named: list[tuple[Place, str]] = [(("steps", number, "go"), step.go)] if step.go else []
        named += [(("steps", number, "then", place), branch.go) for place, branch in enumerate(step.then)]
        for at, name in named:
            if name not in known:
                near = did_you_mean(name, known) or f"steps: {', '.join(known)}"
                yield Breach(at, f"{step.id}: go: no step {name!r}; {near}")


def _conditions(runbook: Runbook) -> Iterator[Breach]:
    """Every branch has one condition, of a sort that its step can have."""
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            continue
        for place, branch in enumerate(step.then):
            problem = _condition(step, branch)
            if problem:
                yield Breach(("steps", number, "then", place), f"{step.id}: {problem}")


SORTS = {"check": ("findings", "entries", "outcomes"), "verify": ("findings", "outcomes"), "ask": ("answer",)}


def _condition(step: RunbookStep, branch: Branch) -> str:
    allowed = SORTS.get(step.kind, ())
    given = [sort for sort in ("findings", "entries", "outcomes", "answer") if getattr(branch, sort)]
    if not allowed:
        return f"a step that {_does(step)} has no branches"
    if len(given) != 1 or given[0] not in allowed:
        return f"a branch of a step that {_does(step)} names one of {', '.join(allowed)}"
    return ""


def _does(step: RunbookStep) -> str:
    words = {"check": "checks", "verify": "verifies", "ask": "asks", "tell": "tells"}
    return words.get(step.kind, "ends")


def _complete(runbook: Runbook) -> Iterator[Breach]:
    """Whatever a step comes to leads somewhere, and an end leads nowhere."""
    for number, step in enumerate(runbook.steps):
        if len(step.kinds) != 1:
            continue
        if problem := _missing(step):
            yield Breach(("steps", number), f"{step.id}: {problem}")


def _missing(step: RunbookStep) -> str:
    if step.ends:
        return "an end leads nowhere; leave go out" if step.go else ""
    match step.kind:
        case "check" | "verify":
            left = [] if step.go else [outcome for outcome in possible(step) if outcome not in led_on(step)]
            return f"outcome {' and '.join(left)} leads nowhere; add a branch or go" if left else ""
        case "ask":
            return _unasked(step)
        case _:
            return "" if step.go else "leads nowhere; add go"


def _unasked(step: RunbookStep) -> str:
    if step.go:
        return "every answer has its branch; leave go out"
    if len(step.choices) < 2 or len(set(step.choices)) < len(step.choices):  # noqa: PLR2004  or it is no choice
        return "a question needs two answers or more, each once"
    return ""


EACH: tuple[Rule, ...] = (_naming, _kinds, _names, _conditions, _complete)
