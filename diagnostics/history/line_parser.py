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
    """The event of a probe; None for lines about the run itself, of newer versions too. Raises Damaged."""
    cls = BODIES.get(data["event"])
    if cls is None:
        return None
    at = data.get("at")
    if not isinstance(at, int | float) or isinstance(at, bool):
        raise Damaged("has no time")
    flat = {name: one_line(item) if isinstance(item, str) else item for name, item in data.items()}
    return Event(checked(Key, flat), at, checked(cls, flat))


def diagnoses_of(data: Mapping[str, Any]) -> tuple[Diagnosis, ...]:
    """The diagnoses of a run's last line. Raises Damaged."""
    listed = data.get("diagnoses")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Damaged("has no diagnoses")
    found = tuple(checked(Diagnosis, {_spelled(name): item for name, item in one.items()}) for one in listed)
    if any(one.verdict not in VERDICTS for one in found):
        raise Damaged("has an unknown verdict")
    return found


def time_of(data: Mapping[str, Any]) -> str:
    """When a run or a round of it began: ISO 8601 with its offset. Raises Damaged."""
    text = data.get("started")
    try:
        if isinstance(text, str) and datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError as error:
        raise Damaged(str(error)) from None
    raise Damaged("has no time")


def checked(cls: type, data: Mapping[str, Any]) -> Any:
    """An instance of a frozen dataclass from data that nobody checked. Raises Damaged."""
    from kb.records.validate import validated  # noqa: PLC0415  pydantic costs 100 ms; keeping a run needs none of it

    try:
        return validated(cls, data, "run")
    except InvalidRecord as error:
        raise Damaged(str(error)) from None


def _spelled(name: str) -> str:
    """The field of a promised name: `for` is a word of Python."""
    return f"{name}_" if name == "for" else name
