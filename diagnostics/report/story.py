"""The story of an incident: what was confirmed, what was done, and the tries until its entry was green."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from kb.records.models import FixStep

TryState: TypeAlias = Literal["verified", "still_failing", "not_verified"]
ActKind: TypeAlias = Literal["shown", "copied", "run", "undone", "lab"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done about the error before it was verified."""

    at: str
    """UTC, ISO 8601."""
    kind: ActKind
    text: str = ""
    """The text that was copied or run; for `shown`, the sentence of the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeChange:
    """Outcomes of one probe of the entry on one endpoint, in the first try or before it, and in the last."""

    target: str
    endpoint: str
    probe: str
    before: str
    """Outcome and findings; empty if the probe had not run."""
    after: str
    before_evidence: tuple[str, ...] = ()
    after_evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedProbe:
    """Outcome of one probe of the entry in one try."""

    probe: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One run of the probes of the entry."""

    number: int
    """Counted from 1."""
    started: str
    """UTC, ISO 8601."""
    state: TryState
    probes: tuple[TriedProbe, ...] = ()
    """The worst outcome of each probe over its endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Confirmation, fix and verification of one entry."""

    entry: str
    title: str
    target: str = ""
    finding: str = ""
    sentence: str = ""
    confirmed_at: str = ""
    """UTC, ISO 8601; empty if nothing was confirmed before the verification began."""
    evidence: tuple[str, ...] = ()
    """Reasons for the confirmed diagnosis."""
    fix: tuple[FixStep, ...] = ()
    acts: tuple[Act, ...] = ()
    changes: tuple[ProbeChange, ...] = ()
    tries: tuple[Try, ...] = ()
    verified_at: str = ""
    """UTC, ISO 8601; empty as long as the entry is not green."""
    seconds: float = 0.0
    """From the first try to the last one."""
