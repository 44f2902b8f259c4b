"""What a run came to: the fold of its events, and what they mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Key, Outcome, Started, Step
from kb.records.models import FixStep

Verdict: TypeAlias = Literal["confirmed", "past", "suspected", "ruled_out"]
SEVERITY: tuple[Outcome, ...] = ("pass", "warn", "unknown", "error", "fail")
"""The roll-up's order, the last wins; skipped and blocked never raise it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one probe found out about one endpoint."""

    key: Key
    outcome: Outcome = "unknown"
    reason: str = "the run ended before the probe did"
    blocked_by: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    steps: tuple[Step, ...] = ()
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the findings and the text mean for one entry on one target."""

    entry: str
    title: str
    verdict: Verdict
    target: str = ""
    finding: str = ""
    sentence: str = ""
    for_: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    """Entries that follow from this one, confirmed beside it."""
    fix: tuple[FixStep, ...] = ()
    next: tuple[str, ...] = ()
    """Commands that would decide what is still open, or verify the fix."""
    url: str = ""

    @property
    def statement(self) -> str:
        """The sentence of the cause, or the title of the entry where no cause is established."""
        return self.sentence or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """What one probe came to in one round."""

    target: str
    endpoint: str
    probe: str
    outcome: Outcome
    findings: tuple[str, ...] = ()
    """Codes alone; the report has the evidence of the worst round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One of several runs over the same tasks."""

    round: int
    """Counted from 1."""
    started: str
    """UTC, ISO 8601."""
    outcome: Outcome
    exit_code: int
    results: tuple[RoundResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run, whole: the document that every format shows."""

    tool_version: str
    run_id: str
    started: str
    """UTC, ISO 8601."""
    targets: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader should know about the run itself: secrets masked, literals in the target file."""
    rounds: tuple[Round, ...] = ()
    """With `--repeat`, every round; results and diagnoses are then those of the worst one."""
    exit_code: int = 0
    schema_version: Literal["1"] = "1"

    def diagnosis_of(self, target: str, code: str) -> Diagnosis | None:
        """The diagnosis that a finding led to; None for a consequence that is folded under its root."""
        return next((one for one in self.diagnoses if (one.target, one.finding) == (target, code)), None)


def fold(events: Iterable[Event]) -> tuple[Result, ...]:
    """The results of a run so far, in the order in which their probes first spoke."""
    results: dict[Key, Result] = {}
    for event in events:
        results[event.key] = _with(results.get(event.key, Result(event.key)), event)
    return tuple(results.values())


def _with(result: Result, event: Event) -> Result:
    match event.body:
        case Started():
            return result
        case Step() as step:
            return replace(result, steps=(*result.steps, step))
        case Evidence() as evidence:
            return replace(result, evidence=(*result.evidence, evidence))
        case Finding() as finding:
            return replace(result, findings=(*result.findings, finding))
        case Finished() as end:
            return replace(
                result, outcome=end.outcome, reason=end.reason, blocked_by=end.blocked_by, ms=end.ms
            )


def by_probe(results: Iterable[Result]) -> dict[str, Outcome]:
    """What each probe came to on all of its endpoints: the worst; skipped only where it looked at none."""
    found: dict[str, Outcome] = {}
    for result in results:
        before = found.get(result.key.probe, result.outcome)
        found[result.key.probe] = max(before, result.outcome, key=_weight)
    return found


def _weight(outcome: Outcome) -> int:
    order: tuple[Outcome, ...] = ("skipped", *SEVERITY[:2], "blocked", *SEVERITY[2:])
    return order.index(outcome)


def roll_up(results: Sequence[Result]) -> Outcome:
    """The worst of the outcomes; `unknown` where nothing ran, never green."""
    ran = [result.outcome for result in results if result.outcome in SEVERITY]
    return max(ran, key=SEVERITY.index, default="unknown")
