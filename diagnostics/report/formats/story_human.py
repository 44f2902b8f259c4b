"""The story of an incident for a terminal."""

from collections.abc import Callable, Iterator

from diagnostics.report.formats.human_results import wrapped
from diagnostics.report.story import Story
from diagnostics.report.story_text import act_text, headline, times, try_text
from diagnostics.terminal import Terminal
from kb.records.models import FixStep


def story_lines(
    story: Story, terminal: Terminal, fix_step: Callable[[int, FixStep, Terminal], Iterator[str]]
) -> Iterator[str]:
    """Yield the lines of a story; `fix_step` renders a step of a fix."""
    yield terminal.paint(headline(story), "good" if story.verified_at else "warn")
    yield from wrapped(story.sentence or story.title, terminal)
    for line in times(story):
        yield from wrapped(line, terminal)
    for line in story.evidence:
        yield from wrapped(f"for     {line}", terminal)
    for number, step in enumerate(story.fix, 1):
        yield from fix_step(number, step, terminal)
    for act in story.acts:
        yield from wrapped(f"done    {act_text(act)}", terminal)
        if act.kind in {"copied", "run", "undone"}:
            yield from (f"          {line}" for line in act.text.splitlines())
    for change in story.changes:
        before, after = change.before or "not run", change.after or "not run"
        yield from wrapped(f"{change.probe}: {before} before, {after} after, on {change.endpoint}", terminal)
    for try_ in story.tries:
        yield from wrapped(f"try {try_.number}  {try_.started[11:19]} UTC  {try_text(try_)}", terminal)
