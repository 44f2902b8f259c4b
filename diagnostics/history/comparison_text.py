"""Text of the difference of two runs: entries first, then probes, drift last."""

from collections.abc import Iterator

from diagnostics.engine.events import Evidence
from diagnostics.history.comparison import Difference, ResultChange, ValueChange, VerdictChange
from diagnostics.report.evidence_text import value_text
from diagnostics.terminal import Terminal


def difference_text(difference: Difference, terminal: Terminal) -> str:
    """Return one line for each change."""
    lines = [f"from {difference.earlier} to {difference.later}"]
    lines += [_verdict(change, terminal) for change in difference.verdicts]
    for change in difference.results:
        if change.matters:
            lines += _result(change, terminal)
    drift = [(change, value) for change in difference.results for value in change.drift]
    if len(lines) == 1:
        lines.append("nothing changed")
    if drift:
        lines.append("drift, as between any two runs:")
        lines += [f"  {change.key.probe}  {_value(value)}" for change, value in drift]
    return "\n".join(lines) + "\n"


def _verdict(change: VerdictChange, terminal: Terminal) -> str:
    where = f" on {change.target}" if change.target else ""
    return f"{terminal.paint(change.entry, 'strong')}{where}: {_states(change.was, change.now, terminal)}"


def _result(change: ResultChange, terminal: Terminal) -> Iterator[str]:
    name = f"{change.key.probe} on {change.key.target}"
    endpoint = f" ({change.key.endpoint})" if change.key.endpoint != change.key.target else ""
    same = change.was == change.now
    states = terminal.state(change.now or "") if same else _states(change.was, change.now, terminal)
    yield f"{terminal.paint(name, 'strong')}{endpoint}: {states}"
    yield from (f"  appeared  {code}" for code in change.appeared)
    yield from (f"  gone      {code}" for code in change.gone)
    yield from (f"  {_value(value)}" for value in change.values)


def _states(was: str | None, now: str | None, terminal: Terminal) -> str:
    words = (terminal.state(word) if word else "absent" for word in (was, now))
    return " -> ".join(words)


def _value(change: ValueChange) -> str:
    return f"{change.name}: {_side(change.was)} -> {_side(change.now)}"


def _side(item: Evidence | None) -> str:
    if item is None:
        return "absent"
    unit = f" {item.unit}" if item.unit and item.value is not None else ""
    judged = "" if item.ok is None else " (as expected)" if item.ok else " (not as expected)"
    return f"{value_text(item.value)}{unit}{judged}"
