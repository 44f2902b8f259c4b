"""Runs probes through the engine and keeps what they said."""

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
class Seen:
    """What one probe said."""

    outcome: str = ""
    reason: str = ""
    codes: list[str] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    """The last one of each name."""
    everything: list[Evidence] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    ms: float = 0


def seen(
    target: Target, *probes: str, deadline_s: float = 60, rejected: set[bytes] | None = None
) -> dict[str, Seen]:
    """Run these probes, or all, each on the endpoints that it can examine."""
    found = {probe: Seen() for probe in probes or PROBES}
    tasks = [
        Task(target, point, probe)
        for probe in found
        for point in target.endpoints
        if point.kind in PROBES[probe].APPLIES_TO
    ]
    for event in Run(tasks, PROBES, redactor=Redactor(), deadline_s=deadline_s, rejected=rejected):
        _note(found[event.key.probe], event)
    return found


def connected(url: str, **settings: object) -> Seen:
    """Run `connect` on a bare URL."""
    return seen(target(url, **settings), "connect")["connect"]


def target(url: str, **settings: object) -> Target:
    """A lab-like target: short patience, no production."""
    own = TargetSettings(production=False, database=url)
    return Target("test", (endpoint(url),), replace(own, **settings))  # type: ignore[arg-type]  # a test's own


def with_thresholds(own: Target, thresholds: Thresholds) -> Target:
    """The same target, judged by other limits."""
    return replace(own, settings=replace(own.settings, thresholds=thresholds))


def without_monitor(lab: Lab) -> Target:
    """The lab's target, looked at by the application's own role."""
    now = lab.target
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    return replace(now, settings=replace(now.settings, monitor="", secrets=own))


def everything(found: Sequence[Seen]) -> str:
    """All that was said, to search it for secrets."""
    return repr(list(found))


QUICK = Thresholds(connect_timeout_s=0.4, deadlock_window_s=0.6)


def _note(one: Seen, event: Event) -> None:
    match event.body:
        case Finding(code=code):
            one.codes.append(code)
        case Evidence(name=name):
            one.evidence[name] = event.body
            one.everything.append(event.body)
        case Step(name=name):
            one.steps.append(name)
        case Finished(outcome=outcome, reason=reason, ms=ms):
            one.outcome, one.reason, one.ms = outcome, reason, ms
