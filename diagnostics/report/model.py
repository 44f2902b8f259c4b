"""The report of a run: results, which are folded from its events, and the diagnoses that follow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Key, Outcome, Started, Step
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.story import Story
from kb.records.models import CheckStep, FixStep

Verdict: TypeAlias = Literal["confirmed", "past", "suspected", "ruled_out"]
VerifiedState: TypeAlias = Literal[
    "green", "finding", "unknown", "error", "blocked", "skipped", "not run", "not applicable"
]
UNMATCHED = "No known error matches this text."
"""First sentence of the report of a text that nothing matched."""
SEVERITY: tuple[Outcome, ...] = ("pass", "warn", "unknown", "error", "fail")
"""Outcomes from best to worst, for `roll_up`, which ignores skipped and blocked probes."""


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of one probe on one endpoint, with its findings, evidence and steps."""

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
    """Verdict on one entry for one target, with reasons, fix and next commands."""

    entry: str
    title: str
    verdict: Verdict
    target: str = ""
    finding: str = ""
    sentence: str = ""
    for_: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    """Confirmed entries that are consequences of this one."""
    fix: tuple[FixStep, ...] = ()
    next: tuple[str, ...] = ()
    """Commands that settle what is still open, or verify the fix."""
    url: str = ""
    manual_check: tuple[CheckStep, ...] = ()
    """Steps for a person, where the text alone proves the cause and no probe can see it."""

    @property
    def statement(self) -> str:
        """The sentence of the cause, or the title of the entry where no cause is established."""
        return self.sentence or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedProbe:
    """State of one probe of an entry that is verified."""

    target: str
    endpoint: str = ""
    """Empty if the probe has no result."""
    probe: str
    state: VerifiedState
    open: bool = False
    """True if the probe keeps the entry from being green."""
    reason: str = ""
    """Reason why the probe is not green; for `finding`, the codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """State of an entry after the last attempt of `verify`."""

    entry: str
    green: bool
    failing: bool
    """True if a probe made a finding of the entry."""
    reason: str = ""
    """Reason that concerns the whole entry: no probe applies to a target, or a person has to check it."""
    probes: tuple[VerifiedProbe, ...] = ()
    manual_check: tuple[CheckStep, ...] = ()
    """Steps for a person, for causes that no probe can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """Outcome of one probe on one endpoint in one round."""

    target: str
    endpoint: str
    probe: str
    outcome: Outcome
    findings: tuple[str, ...] = ()
    """Codes of findings; evidence is kept for the worst round only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One of several runs of the same tasks."""

    round: int
    """Counted from 1."""
    started: str
    """UTC, ISO 8601."""
    outcome: Outcome
    exit_code: int
    results: tuple[RoundResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Report of one run, from which every format is rendered."""

    tool_version: str
    run_id: str
    started: str
    """UTC, ISO 8601."""
    targets: tuple[str, ...] = ()
    target_file: str = ""
    """Path of the target file that the targets were read from; empty for addresses and the environment."""
    selected: tuple[str, ...] = ()
    """Probes that the command named, by themselves or by an entry or a finding."""
    text_matched: bool | None = None
    """False if no known error matches the text that was diagnosed; None if there was no text."""
    results: tuple[Result, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    notes: tuple[str, ...] = ()
    """Remarks on the run itself, such as secrets masked or endpoints without a probe."""
    verification: Verification | None = None
    """State of the entry that is verified; None for other commands."""
    fix: FixRecord | None = None
    """Steps of `fix` and what was done of them; None for other commands."""
    rounds: tuple[Round, ...] = ()
    """Rounds of `--repeat`; results and diagnoses are those of the worst round."""
    story: Story | None = None
    """Confirmation, fix and tries of an entry that was verified on the screen; None for other runs."""
    exit_code: int = 0
    schema_version: Literal["1"] = "1"

    @property
    def is_unmatched(self) -> bool:
        """True if a text was diagnosed that no known error matches."""
        return self.text_matched is False

    def diagnosis_of(self, target: str, code: str) -> Diagnosis | None:
        """Return the diagnosis for a finding, or None where its entry is folded under a root."""
        for diagnosis in self.diagnoses:
            if (diagnosis.target, diagnosis.finding) == (target, code):
                return diagnosis
        return None


def fold(events: Iterable[Event]) -> tuple[Result, ...]:
    """Return the results of a run so far, in the order of the first event of each."""
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
    """Return the worst outcome of each probe over its endpoints; skipped only if it was skipped on all."""
    worst: dict[str, Outcome] = {}
    for result in results:
        before = worst.get(result.key.probe, result.outcome)
        worst[result.key.probe] = max(before, result.outcome, key=_weight)
    return worst


def _weight(outcome: Outcome) -> int:
    order: tuple[Outcome, ...] = ("skipped", *SEVERITY[:2], "blocked", *SEVERITY[2:])
    return order.index(outcome)


def roll_up(results: Sequence[Result]) -> Outcome:
    """Return the worst of the outcomes, or `unknown` if no probe ran."""
    ran = [result.outcome for result in results if result.outcome in SEVERITY]
    return max(ran, key=SEVERITY.index, default="unknown")
