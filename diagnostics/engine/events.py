"""Events of a run. The report, the formats, the history and the screen are built from them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome = Literal["pass", "warn", "fail", "unknown", "error", "skipped", "blocked"]
Level = Literal["warn", "fail"]
Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """Key of a result: name of the target, address of the endpoint without secrets, id of the probe."""

    target: str
    endpoint: str
    probe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A timed step of a probe; `ms` is its duration in milliseconds, `detail` its result."""

    name: str
    ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation. `ok` is True or False if a value was expected, None if it only informs."""

    name: str
    value: Value
    expected: Value = None
    unit: str = ""
    ok: bool | None = None
    note: str = ""
    fingerprint: str = ""
    """Mark of a place in code that stays the same when lines move; empty for other evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding of a probe. The cause that names its code explains it."""

    code: str
    level: Level = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The probe started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The probe ended; `ms` is its wall time in milliseconds, 0 if it did not run."""

    outcome: Outcome
    reason: str = ""
    blocked_by: str = ""
    ms: float = 0.0


Body: TypeAlias = Started | Step | Evidence | Finding | Finished


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one probe, `at` seconds after the run started."""

    key: Key
    at: float
    body: Body
