"""What stays on the terminal after quitting: at most ten plain lines."""

from collections.abc import Iterator
from itertools import islice

from diagnostics.report import roll_up
from tui.state import State

MOST_LINES = 10


def summary(state: State) -> str:
    """The lines; none where nothing was done."""
    return "".join(f"{line}\n" for line in islice(_lines(state), MOST_LINES))


def _lines(state: State) -> Iterator[str]:
    if not state.reports:
        yield from state.said
        return
    last = state.reports[-1]
    runs = f"{len(state.reports)} run{'s' * (len(state.reports) != 1)}"
    targets = ", ".join(last.targets) or "no target"
    yield f"clearpay-doctor {last.tool_version}: {runs}; the last one, {last.run_id}, on {targets}"
    told = [one for one in last.diagnoses if one.verdict in {"confirmed", "past", "suspected"}]
    for diagnosis in told[:3]:
        yield f"{diagnosis.verdict}: {diagnosis.entry}: {diagnosis.sentence or diagnosis.title}"
    if not told:
        yield f"probes: {roll_up(last.results)}, {len(last.results)} results, no known error found"
    yield from state.said[-3:]
    for command in [command for one in told[:1] for command in one.next][:2]:
        yield f"next: {command}"
