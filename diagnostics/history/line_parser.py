"""Parser of a run's lines: from checked objects to events, diagnoses and times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diagnostics.diagnosis.verdicts import VERDICTS
from diagnostics.engine.events import Event, Key
from diagnostics.history.append_log import Damaged
from diagnostics.report.formats.ndjson import NAMES
from diagnostics.report.model import Diagnosis
from kb.records.errors import InvalidRecord
from kb.text.sanitize import one_line

BODIES: Mapping[str, type] = {name: cls for cls, name in NAMES.items()}


def event_of(data: Mapping[str, Any]) -> Event | None:
    """Return the event of a probe; None for a line about the run or of a newer version. Raises Damaged."""
    cls = BODIES.get(data["event"])
    if cls is None:
        return None
    at = data.get("at")
    if not isinstance(at, int | float) or isinstance(at, bool):
        raise Damaged("has no time")
    single_line = {name: one_line(item) if isinstance(item, str) else item for name, item in data.items()}
    return Event(checked(Key, single_line), at, checked(cls, single_line))


def diagnoses_of(data: Mapping[str, Any]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a run's last line. Raises Damaged."""
    items = data.get("diagnoses")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Damaged("has no diagnoses")
    diagnoses = tuple(
        checked(Diagnosis, {_field_name(key): value for key, value in item.items()}) for item in items
    )
    if any(diagnosis.verdict not in VERDICTS for diagnosis in diagnoses):
        raise Damaged("has an unknown verdict")
    return diagnoses


def time_of(data: Mapping[str, Any]) -> str:
    """Return the start of a run or of a round: ISO 8601 with an offset. Raises Damaged."""
    text = data.get("started")
    try:
        if isinstance(text, str) and datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError as error:
        raise Damaged(str(error)) from None
    raise Damaged("has no time")


def checked(cls: type, data: Mapping[str, Any]) -> Any:
    """Validate data and return an instance of the frozen dataclass `cls`. Raises Damaged."""
    from kb.records.validate import validated  # noqa: PLC0415  pydantic takes 100 ms to load; recording a run does not need it

    try:
        return validated(cls, data, "run")
    except InvalidRecord as error:
        raise Damaged(str(error)) from None


def _field_name(name: str) -> str:
    """Return the dataclass field of a JSON field: `for` is a keyword of Python."""
    return f"{name}_" if name == "for" else name
