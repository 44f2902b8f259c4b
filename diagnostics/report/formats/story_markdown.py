"""The story of an incident in Markdown."""

from collections.abc import Callable, Iterator

from diagnostics.report.story import Story
from diagnostics.report.story_text import act_text, headline, times, try_text
from kb.records.models import FixStep
from kb.text.markdown import code_block, escaped, prose


def story_lines(story: Story, fix_step: Callable[[int, FixStep], Iterator[str]]) -> Iterator[str]:
    """Yield the lines of a story; `fix_step` renders a step of a fix."""
    yield from (f"## {escaped(headline(story))}", "", prose(story.sentence or story.title), "")
    yield from (f"- {escaped(line)}" for line in times(story))
    if story.evidence:
        yield from ("", "**Confirmed by**", "", *(f"- {escaped(line)}" for line in story.evidence))
    for number, step in enumerate(story.fix, 1):
        yield from fix_step(number, step)
    yield from _acts(story)
    yield from _changes(story)
    if story.tries:
        yield from ("", "**Tries**", "", "| try | started | result |", "|---|---|---|")
    for try_ in story.tries:
        yield f"| {try_.number} | {try_.started} | {escaped(try_text(try_))} |"
    yield ""


def _acts(story: Story) -> Iterator[str]:
    if story.acts:
        yield from ("", "**Done**", "")
    for act in story.acts:
        yield f"- {escaped(act_text(act))}"
        if act.kind in {"copied", "run", "undone"} and act.text:
            yield from ("", code_block(act.text), "")


def _changes(story: Story) -> Iterator[str]:
    if not story.changes:
        return
    yield from ("", "**Before and after**", "", "| endpoint | probe | before | after |", "|---|---|---|---|")
    for change in story.changes:
        cells = (change.endpoint, change.probe, change.before or "not run", change.after or "not run")
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    for change in story.changes:
        if change.before_evidence:
            yield from ("", f"`{change.probe}` before:", "")
            yield from (f"- {escaped(line)}" for line in change.before_evidence)
        if change.before_evidence and change.after_evidence:
            yield from ("", f"`{change.probe}` after:", "")
            yield from (f"- {escaped(line)}" for line in change.after_evidence)
