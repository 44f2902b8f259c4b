"""Runs of probes through the engine, with their results as the tests read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Step
from diagnostics.engine.scheduler import Run, Task
from diagnostics.lab.lab import Lab
from diagnostics.probes import PROBES
from diagnostics.redaction import Redactor
from diagnostics.targets.settings import SecretRef, Secrets, TargetSettings, Thresholds
from diagnostics.targets.target import Target, endpoint


@dataclass
class ProbeResult:
    """Outcome, findings, evidence and steps of one probe."""

    outcome: str = ""
    reason: str = ""
    codes: list[str] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    """Last evidence of each name."""
    all_evidence: list[Evidence] = field(default_factory=list)
    """All evidence."""
    steps: list[str] = field(default_factory=list)
    ms: float = 0


def run_probes(
    target: Target, *probes: str, deadline_s: float = 60, rejected: set[bytes] | None = None
) -> dict[str, ProbeResult]:
    """Run these probes, or all, each on the endpoints that it applies to."""
    results = {probe: ProbeResult() for probe in probes or PROBES}
    tasks = [
        Task(target, point, probe)
        for probe in results
        for point in target.endpoints
        if point.kind in PROBES[probe].APPLIES_TO
    ]
    for event in Run(tasks, PROBES, redactor=Redactor(), deadline_s=deadline_s, rejected=rejected):
        _record(results[event.key.probe], event)
    return results


def run_connect(url: str, **settings: object) -> ProbeResult:
    """Run `connect` on a bare URL."""
    return run_probes(target(url, **settings), "connect")["connect"]


def target(url: str, **settings: object) -> Target:
    """Return a target with the given settings that is not production."""
    own = TargetSettings(production=False, database=url)
    return Target("test", (endpoint(url),), replace(own, **settings))  # type: ignore[arg-type]  # a test's own


def with_thresholds(own: Target, thresholds: Thresholds) -> Target:
    """Return the target with other thresholds."""
    return replace(own, settings=replace(own.settings, thresholds=thresholds))


def without_monitor(lab: Lab) -> Target:
    """Return the lab's target without a monitor role, so that the application's role is used."""
    now = lab.target
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    return replace(now, settings=replace(now.settings, monitor="", secrets=own))


def all_text(results: Sequence[ProbeResult]) -> str:
    """Return all texts of some results, to search them for secrets."""
    return repr(list(results))


QUICK = Thresholds(connect_timeout_s=0.4, deadlock_window_s=0.6)


def _record(result: ProbeResult, event: Event) -> None:
    match event.body:
        case Finding(code=code):
            result.codes.append(code)
        case Evidence(name=name):
            result.evidence[name] = event.body
            result.all_evidence.append(event.body)
        case Step(name=name):
            result.steps.append(name)
        case Finished(outcome=outcome, reason=reason, ms=ms):
            result.outcome, result.reason, result.ms = outcome, reason, ms
