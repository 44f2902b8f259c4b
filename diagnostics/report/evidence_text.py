"""Evidence as one line of text, for every format that people read."""

from diagnostics.engine.events import Evidence, Value


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
