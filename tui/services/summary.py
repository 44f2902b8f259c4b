"""Lines that stay in the terminal after the application has ended."""

from collections.abc import Iterator
from itertools import islice

from diagnostics.report.head import beside_story
from diagnostics.report.model import UNMATCHED, Report, roll_up
from diagnostics.report.story_text import headline, times
from kb.text.wrapping import wrap
from tui.shared.state import State

MAX_LINES = 14
MAX_DIAGNOSES = 2
MAX_NOTES = 6
MAX_COMMANDS = 2


def summary(state: State, width: int) -> str:
    """Return the summary, wrapped to a width; empty if nothing was done. Commands are not wrapped."""
    return "".join(f"{line}\n" for line in islice(_lines(state, width), MAX_LINES))


def _lines(state: State, width: int) -> Iterator[str]:
    if not state.reports:
        yield from state.notes
        return
    last = state.reports[-1]
    for sentence in _sentences(state, last):
        yield from wrap(sentence, width, hanging="  ")
    yield from state.notes[-MAX_NOTES:]
    commands = [command for diagnosis in beside_story(last)[:1] for command in diagnosis.next]
    for command in commands[:MAX_COMMANDS]:
        yield f"next: {command}"


def _sentences(state: State, last: Report) -> Iterator[str]:
    runs = f"{len(state.reports)} run{'s' * (len(state.reports) != 1)}"
    targets = ", ".join(last.targets) or "no target"
    yield f"clearpay-doctor {last.tool_version}: {runs}; the last one, {last.run_id}, on {targets}"
    if last.story:
        yield " ".join([f"{headline(last.story)}.", *times(last.story)])
    if last.is_unmatched:
        yield UNMATCHED
    positive = [
        diagnosis
        for diagnosis in beside_story(last)
        if diagnosis.verdict in {"confirmed", "past", "suspected"}
    ]
    for diagnosis in positive[:MAX_DIAGNOSES]:
        yield f"{diagnosis.verdict}: {diagnosis.entry}: {diagnosis.sentence or diagnosis.title}"
    if not positive and not last.story:
        yield f"probes: {roll_up(last.results)}, {len(last.results)} results, no known error found"
