"""Verification of an entry: for each of its probes on each target, why it is not green yet. Pure."""

from collections.abc import Iterator, Sequence

from diagnostics.diagnosis.catalogue import UNSEEN, Catalogue
from diagnostics.diagnosis.scope import is_irrelevant
from diagnostics.engine.probe import inapplicable
from diagnostics.report.model import Report, Result, Verification, VerifiedProbe, VerifiedState, by_probe
from diagnostics.targets.command_line.target_command import active_options
from diagnostics.targets.target import Target
from kb.records.models import Entry
from kb.records.placeholders import fill_check


def verification_of(
    report: Report, entry: Entry, catalogue: Catalogue, targets: Sequence[Target]
) -> Verification:
    """Return the state of an entry after a run of its probes on the targets.

    It is green if on each target a probe of the entry reached a conclusion, none made a finding of the entry
    and none keeps it open: a probe that has not run, or ended without a conclusion. A probe that applies to
    nothing in a target, or was skipped by itself, does not keep it open. A cause that no probe can see keeps
    it open: a person has to check it.
    """
    by_target = [tuple(_verified_probes(report, entry, catalogue, target)) for target in targets]
    probes = tuple(probe for own in by_target for probe in own)
    by_hand = catalogue.by_text_alone(entry)
    reasons = [
        f"no probe of {entry.id} applies to target {target.name}"
        for target, own in zip(targets, by_target, strict=True)
        if catalogue.probes_of(entry) and not any(probe.open or probe.state == "green" for probe in own)
    ]
    reasons += [f"{cause.finding} has no probe; check it by hand: {cause.sentence}" for cause in by_hand]
    if not catalogue.probes_of(entry) and not by_hand:
        reasons += [f"{entry.id} has no probe; check it by hand, as clearpay-doctor explain says"]
    return Verification(
        entry=entry.id,
        failing=any(probe.state == "finding" for probe in probes),
        green=bool(targets) and not reasons and not any(probe.open for probe in probes),
        reason="; ".join(reasons),
        probes=probes,
        manual_check=tuple(fill_check(step, {}) for cause in by_hand for step in cause.manual_check),
    )


def _verified_probes(
    report: Report, entry: Entry, catalogue: Catalogue, target: Target
) -> Iterator[VerifiedProbe]:
    """Yield the state of each probe of an entry on a target, in the order of the table."""
    results = [result for result in report.results if result.key.target == target.name]
    outcomes = by_probe(results)
    for name in catalogue.probes_of(entry):
        own = [result for result in results if result.key.probe == name]
        if not own:
            yield _without_result(name, catalogue, target)
        elif outcomes[name] == "skipped":
            yield _skipped(own[0], catalogue, target, required=not is_irrelevant(name, outcomes, catalogue))
        else:
            codes = {cause.finding for cause in entry.causes}
            yield from (_with_result(item, codes, results) for item in own if item.outcome != "skipped")


def _without_result(name: str, catalogue: Catalogue, target: Target) -> VerifiedProbe:
    probe = catalogue.probes[name]
    if any(point.kind in probe.APPLIES_TO for point in target.endpoints):
        reason = inapplicable(probe, target)
    else:
        kinds = " or ".join(probe.APPLIES_TO)
        reason = f"it applies to endpoints of kind {kinds}, and the target has none"
    if reason:
        return VerifiedProbe(target=target.name, probe=name, state="not applicable", reason=reason)
    return VerifiedProbe(target=target.name, probe=name, state="not run", open=True, reason="it has not run")


def _skipped(result: Result, catalogue: Catalogue, target: Target, *, required: bool) -> VerifiedProbe:
    """Return the state of a probe that was skipped on every endpoint.

    An active one that was not allowed keeps the entry open, unless all probes that it reads passed.
    """
    probe = catalogue.probes[result.key.probe]
    if reason := inapplicable(probe, target):
        return _verified(result, "not applicable", reason)
    if probe.SAFETY != "active" or result.ms:
        return _verified(result, "skipped", result.reason, open=required and probe.SAFETY == "active")
    return _verified(
        result, "not run", f"it is active; allow it with {active_options(target)}", open=required
    )


def _with_result(result: Result, codes: set[str], results: Sequence[Result]) -> VerifiedProbe:
    """Return the state of a probe that was not skipped; `codes` are the findings of the entry."""
    found = [finding.code for finding in result.findings if finding.code in codes]
    if found:
        return _verified(result, "finding", ", ".join(dict.fromkeys(found)), open=True)
    match result.outcome:
        case "unknown" | "error":
            return _verified(result, result.outcome, result.reason, open=True)
        case "blocked":
            return _verified(result, "blocked", _end_of_blocker(result, results), open=True)
        case _ if unseen := [finding.code for finding in result.findings if finding.code in UNSEEN]:
            reason = f"the server was not seen: {', '.join(unseen)}"
            return _verified(result, "unknown", reason, open=True)
        case _:
            return _verified(result, "green")


def _verified(result: Result, state: VerifiedState, reason: str = "", *, open: bool = False) -> VerifiedProbe:  # noqa: A002  the field's name
    key = result.key
    return VerifiedProbe(
        target=key.target, endpoint=key.endpoint, probe=key.probe, state=state, open=open, reason=reason
    )


def _end_of_blocker(result: Result, results: Sequence[Result]) -> str:
    """Return how the probe ended that blocks this one."""
    endpoint = result.key.endpoint
    ends = [
        f"{other.key.probe} ended {other.outcome}{_codes(other)}"
        for other in results
        if (other.key.probe, other.key.endpoint) == (result.blocked_by, endpoint)
    ]
    return "; ".join(ends) or result.reason


def _codes(result: Result) -> str:
    codes = ", ".join(finding.code for finding in result.findings)
    return f" with {codes}" if codes else ""
