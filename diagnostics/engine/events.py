"""What a run says as it happens. The report, every format, history and the screen are readers of these."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome = Literal["pass", "warn", "fail", "unknown", "error", "skipped", "blocked"]
Level = Literal["warn", "fail"]
Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What a result is about: the target's name, its endpoint without secrets, the probe's id."""

    target: str
    endpoint: str
    probe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A timed stage inside a probe; `ms` in milliseconds, `detail` what it came to."""

    name: str
    ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation. `ok` is True or False where there was an expectation, None where it only informs."""

    name: str
    value: Value
    expected: Value = None
    unit: str = ""
    ok: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A named fact. Its sentence stands in the cause that claims it."""

    code: str
    level: Level = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The probe began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The probe ended; `ms` is its wall time in milliseconds, 0 where it never ran."""

    outcome: Outcome
    reason: str = ""
    blocked_by: str = ""
    ms: float = 0.0


Body: TypeAlias = Started | Step | Evidence | Finding | Finished


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one probe, `at` seconds after the run began."""

    key: Key
    at: float
    body: Body
