"""What stays on the terminal after quitting: at most ten plain lines."""

from collections.abc import Iterator
from itertools import islice

from diagnostics.report.model import Report, roll_up
from kb.text.wrapping import wrap
from tui.shared.state import State

MOST_LINES = 10
MOST_DIAGNOSES = 2


def summary(state: State, width: int) -> str:
    """The lines in so many columns; none where nothing was done. Commands stay whole, to be copied."""
    return "".join(f"{line}\n" for line in islice(_lines(state, width), MOST_LINES))


def _lines(state: State, width: int) -> Iterator[str]:
    if not state.reports:
        yield from state.said
        return
    last = state.reports[-1]
    for sentence in _sentences(state, last):
        yield from wrap(sentence, width, hanging="  ")
    yield from state.said[-3:]
    for command in [command for one in last.diagnoses[:1] for command in one.next][:2]:
        yield f"next: {command}"


def _sentences(state: State, last: Report) -> Iterator[str]:
    runs = f"{len(state.reports)} run{'s' * (len(state.reports) != 1)}"
    targets = ", ".join(last.targets) or "no target"
    yield f"clearpay-doctor {last.tool_version}: {runs}; the last one, {last.run_id}, on {targets}"
    told = [one for one in last.diagnoses if one.verdict in {"confirmed", "past", "suspected"}]
    for diagnosis in told[:MOST_DIAGNOSES]:
        yield f"{diagnosis.verdict}: {diagnosis.entry}: {diagnosis.sentence or diagnosis.title}"
    if not told:
        yield f"probes: {roll_up(last.results)}, {len(last.results)} results, no known error found"
