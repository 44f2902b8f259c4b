"""A runbook drawn as an indented decision tree: lines of data that terminal, Markdown and site render."""

from collections.abc import Iterator
from dataclasses import dataclass

from kb.runbook_model.model import CONFIRMED, Branch, Runbook, RunbookStep
from kb.text.markdown import escaped
from kb.text.wrapping import wrap_paragraphs


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tree: what leads here, and the step; `again` where the step is drawn further up."""

    depth: int
    when: str
    step: RunbookStep
    again: bool = False


def tree(runbook: Runbook) -> tuple[Line, ...]:
    """The lines in the order of the walk; each step is drawn once, and named where another way meets it."""
    return tuple(_lines(runbook, runbook.steps[0], 0, "", set()))


def _lines(runbook: Runbook, step: RunbookStep, depth: int, when: str, drawn: set[str]) -> Iterator[Line]:
    again = step.id in drawn
    yield Line(depth, when, step, again)
    if again:
        return
    drawn.add(step.id)
    for condition, name in ways(step):
        yield from _lines(runbook, runbook.step(name), depth + 1, condition, drawn)


def ways(step: RunbookStep) -> list[tuple[str, str]]:
    """What can come true and the step that it leads to, in the order in which they are asked."""
    found = [(condition(branch), branch.go) for branch in step.then]
    if step.go:
        found.append(("otherwise" if step.then else "then", step.go))
    return found


def condition(branch: Branch) -> str:
    """What must come true for a branch, in words."""
    return " or ".join((*branch.findings, *branch.entries, *branch.outcomes, *filter(None, [branch.answer])))


def does(step: RunbookStep) -> str:
    """What a step does, in one line."""
    if step.kind == "fix":
        return (
            "end: the fix of what was confirmed" if step.fix == CONFIRMED else f"end: the fix of {step.fix}"
        )
    if step.kind == "escalate":
        return "end: escalate"
    if step.kind == "green":
        return "end: green"
    return f"{step.kind}: {' '.join(step.text.split())}"


def drawn_text(runbook: Runbook, width: int = 80) -> str:
    """The runbook as plain text of a width."""
    lines = [runbook.title, runbook.id, "", *wrap_paragraphs(runbook.when, width, ""), ""]
    for line in tree(runbook):
        pad = "  " * line.depth
        lead = f"{line.when}: " if line.when else ""
        again = " (above)" if line.again else ""
        lines += wrap_paragraphs(f"{lead}[{line.step.id}] {line.step.title}{again}", width, pad)
        if not line.again:
            lines += wrap_paragraphs(does(line.step), width, f"{pad}    ")
            lines += wrap_paragraphs(line.step.text, width, f"{pad}    ") if _says_more(line.step) else []
    return "\n".join(lines).rstrip() + "\n"


def drawn_markdown(runbook: Runbook) -> str:
    """The runbook as one Markdown page: a nested list."""
    lines = [f"# {escaped(runbook.title)}", "", f"`{runbook.id}`", "", escaped(runbook.when.strip()), ""]
    lines += ["```sh", f"clearpay-doctor runbook run {runbook.id} --target lab", "```", ""]
    for line in tree(runbook):
        lead = f"**{escaped(line.when)}**: " if line.when else ""
        again = " (above)" if line.again else f": {escaped(does(line.step))}"
        said = (
            f". {escaped(' '.join(line.step.text.split()))}"
            if not line.again and _says_more(line.step)
            else ""
        )
        lines.append(
            f"{'    ' * line.depth}- {lead}{escaped(line.step.title)} (`{line.step.id}`){again}{said}"
        )
    return "\n".join(lines) + "\n"


def _says_more(step: RunbookStep) -> bool:
    return step.kind in {"escalate", "green"}
