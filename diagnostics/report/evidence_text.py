"""Evidence as one line of text, for every format that people read."""

from collections import Counter
from collections.abc import Iterable, Iterator

from diagnostics.engine.events import Evidence, Value

MAX_OF_A_NAME = 20
"""Items of one name that are shown to people; JSON and ndjson have all."""


def for_people(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Yield the first items of each name, and after all of them the number of the others."""
    counts: Counter[str] = Counter()
    for item in evidence:
        counts[item.name] += 1
        if counts[item.name] <= MAX_OF_A_NAME:
            yield item
    for name, count in counts.items():
        if count > MAX_OF_A_NAME:
            rest = f"and {count - MAX_OF_A_NAME} more places"
            yield Evidence(name=name, value=rest, ok=False, note="JSON and ndjson have all")


def evidence_line(item: Evidence) -> str:
    """Return `name: value unit, expected x (note)`; the expected value is left out where it was met."""
    text = f"{item.name}: {value_text(item.value)}{_unit(item)}"
    if item.expected is not None and item.ok is not True:
        text += f", expected {value_text(item.expected)}"
    return f"{text} ({item.note})" if item.note else text


def value_text(value: Value) -> str:
    """Return a value as text: lists joined by commas, `yes` and `no` for booleans, six digits for floats."""
    if isinstance(value, tuple):
        return ", ".join(value_text(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)


def _unit(item: Evidence) -> str:
    return f" {item.unit}" if item.unit and item.value is not None else ""
