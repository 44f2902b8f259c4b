"""A runbook as an indented decision tree, in plain text and Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass

from kb.runbook_model.model import CONFIRMED, Branch, Runbook, RunbookStep
from kb.text.markdown import escaped
from kb.text.wrapping import wrap_paragraphs


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A line of the tree: the condition that leads to a step, and the step."""

    depth: int
    when: str
    step: RunbookStep
    again: bool = False
    """True if the step is drawn further up."""


def tree_lines(runbook: Runbook) -> tuple[TreeLine, ...]:
    """Return the lines of the tree, depth first; a step with several predecessors is expanded once."""
    return tuple(_lines(runbook, runbook.steps[0], 0, "", set()))


def _lines(runbook: Runbook, step: RunbookStep, depth: int, when: str, drawn: set[str]) -> Iterator[TreeLine]:
    again = step.id in drawn
    yield TreeLine(depth, when, step, again)
    if again:
        return
    drawn.add(step.id)
    for when_next, step_id in transitions(step):
        yield from _lines(runbook, runbook.step(step_id), depth + 1, when_next, drawn)


def transitions(step: RunbookStep) -> list[tuple[str, str]]:
    """Return the conditions of a step, each with the id of the next step, in the order of evaluation."""
    pairs = [(condition(branch), branch.go) for branch in step.then]
    if step.go:
        pairs.append(("otherwise" if step.then else "then", step.go))
    return pairs


def condition(branch: Branch) -> str:
    """Return the condition of a branch in words."""
    return " or ".join((*branch.findings, *branch.entries, *branch.outcomes, *filter(None, [branch.answer])))


def action_text(step: RunbookStep) -> str:
    """Return the action of a step, in one line."""
    if step.kind == "fix":
        return f"end: fix {'the confirmed entry' if step.fix == CONFIRMED else step.fix}"
    if step.kind == "escalate":
        return "end: escalate"
    if step.kind == "green":
        return "end: green"
    return f"{step.kind}: {' '.join(step.text.split())}"


def tree_text(runbook: Runbook, width: int = 80) -> str:
    """Render a runbook as plain text of at most `width` columns."""
    lines = [runbook.title, runbook.id, "", *wrap_paragraphs(runbook.when, width, ""), ""]
    for line in tree_lines(runbook):
        indent = "  " * line.depth
        lead = f"{line.when}: " if line.when else ""
        again = " (above)" if line.again else ""
        lines += wrap_paragraphs(f"{lead}[{line.step.id}] {line.step.title}{again}", width, indent)
        if not line.again:
            lines += wrap_paragraphs(action_text(line.step), width, f"{indent}    ")
            lines += wrap_paragraphs(line.step.text, width, f"{indent}    ") if _has_text(line.step) else []
    return "\n".join(lines).rstrip() + "\n"


def tree_markdown(runbook: Runbook) -> str:
    """Render a runbook as a Markdown page with a nested list."""
    lines = [f"# {escaped(runbook.title)}", "", f"`{runbook.id}`", "", escaped(runbook.when.strip()), ""]
    lines += ["```sh", f"clearpay-doctor runbook run {runbook.id} --target lab", "```", ""]
    for line in tree_lines(runbook):
        lead = f"**{escaped(line.when)}**: " if line.when else ""
        again = " (above)" if line.again else f": {escaped(action_text(line.step))}"
        has_text = not line.again and _has_text(line.step)
        text = f". {escaped(' '.join(line.step.text.split()))}" if has_text else ""
        indent = "    " * line.depth
        lines.append(f"{indent}- {lead}{escaped(line.step.title)} (`{line.step.id}`){again}{text}")
    return "\n".join(lines) + "\n"


def _has_text(step: RunbookStep) -> bool:
    """Return True for the ends whose text is not part of `action_text`."""
    return step.kind in {"escalate", "green"}
