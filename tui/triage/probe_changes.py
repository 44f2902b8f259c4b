"""Results of the probes of an entry before a fix and after it. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence

from diagnostics.engine.events import Key
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import Report, Result
from diagnostics.report.story import ProbeChange

MAX_EVIDENCE = 6
"""Lines of evidence of one probe in a story."""


def results_by_key(report: Report | None, probes: Sequence[str]) -> dict[Key, Result]:
    """Return the results of some probes that have ended and were not skipped."""
    results = report.results if report else ()
    return {
        result.key: result for result in results if result.key.probe in probes and result.outcome != "skipped"
    }


def changes_of(before: Mapping[Key, Result], after: Mapping[Key, Result]) -> Iterator[ProbeChange]:
    """Yield the change of each probe, in the order of the earlier results."""
    for key in {**before, **after}:
        was, now = before.get(key), after.get(key)
        yield ProbeChange(
            target=key.target,
            endpoint=key.endpoint,
            probe=key.probe,
            before=outcome_text(was),
            after=outcome_text(now),
            before_evidence=_evidence(was),
            after_evidence=_evidence(now),
        )


def outcome_text(result: Result | None) -> str:
    """Return outcome and findings of a result; empty without one."""
    if result is None:
        return ""
    codes = ", ".join(finding.code for finding in result.findings)
    return f"{result.outcome}: {codes}" if codes else result.outcome


def _evidence(result: Result | None) -> tuple[str, ...]:
    """Return the evidence that was judged; of a failed probe only what was not as expected."""
    judged = [item for item in result.evidence if item.ok is not None] if result else []
    bad = [item for item in judged if item.ok is False]
    return tuple(evidence_line(item) for item in (bad or judged)[:MAX_EVIDENCE])
