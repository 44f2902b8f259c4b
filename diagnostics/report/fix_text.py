"""Text of a fix: its state, and each step with what was run, where and as whom, in labelled lines."""

from collections.abc import Iterator

from diagnostics.report.fix_record import FixedStep, FixRecord

HEADINGS = {
    "planned": "not applied",
    "verified": "verified",
    "still_failing": "still failing",
    "not_verified": "not verified",
    "declined": "declined: nothing was changed",
    "nothing_to_run": "nothing could be run here",
    "not_confirmed": "not confirmed: nothing to fix now",
    "interrupted": "interrupted",
}
"""Words for the states of a fix."""
WORDS = {
    "ready": "can be run",
    "copy": "to carry out by hand",
    "done": "done",
    "failed": "failed",
    "interrupted": "interrupted, effect not known",
    "declined": "declined",
    "not needed": "not needed",
    "not run": "not run",
}
"""Words for the states of a step."""
CODE = frozenset({"runs", "ran"})
"""Labels of lines that are code, and are not wrapped."""


def state_text(step: FixedStep) -> str:
    """Return the state of a step in words, with the reason."""
    took = f", {step.seconds:g} s" if step.seconds else ""
    undone = f"; undo: {step.undone}" if step.undone else ""
    return f"{WORDS[step.state]}{took}{f': {step.reason}' if step.reason else ''}{undone}"


def step_lines(step: FixedStep) -> Iterator[tuple[str, str]]:
    """Yield the lines of a step, each with its label; code may have several lines."""
    if step.place:
        ran = step.state in {"done", "failed", "interrupted"}
        yield "where", f"{step.place}, as {step.account}"
        yield "ran" if ran else "runs", step.command
    elif step.kind in {"manual", "message"}:
        yield "do" if step.kind == "manual" else "send", step.command
    else:
        yield "runs", step.command
    if step.changes and step.undo:
        yield "undo", step.undo


def summary(record: FixRecord) -> str:
    """Return the state of a fix in a line."""
    heading = HEADINGS[record.state]
    reason = f": {record.reason}" if record.reason else ""
    took = f", {record.seconds:g} s after the first step" if record.tries else ""
    return f"{heading}{took}{reason}"
