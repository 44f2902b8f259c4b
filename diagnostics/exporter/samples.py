"""Samples of a report for a scrape: those of the textfile format, steps, and numbers of evidence."""

from collections.abc import Iterator
from typing import TypeAlias

from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.engine.events import Evidence
from diagnostics.report.formats.prometheus import key_labels, samples_of
from diagnostics.report.model import Report, Result

ProbeSample: TypeAlias = tuple[str, dict[str, str], float, str]
"""Name without prefix, labels, value, and the probe that it belongs to; empty for one of the whole run."""
LEFT_OUT = frozenset({"exit_code", "info", "last_run_timestamp_seconds", "text_matched"})
"""Metrics of the textfile format that belong to a command."""
BASE_UNITS: dict[str, tuple[str, float]] = {
    "ms": ("seconds", 0.001),
    "s": ("seconds", 1.0),
    "days": ("seconds", 86_400.0),
    "%": ("ratio", 0.01),
    "% of the time": ("ratio", 0.01),
    "MB": ("bytes", 1e6),
    "/s": ("per_second", 1.0),
}
"""Base unit of Prometheus and factor by unit of evidence; other units name what is counted."""
MAX_NAME = 80
"""Characters of a name of a step or of evidence."""


def samples_of_scrape(report: Report) -> list[ProbeSample]:
    """Return the samples of a report. Names with digits, such as places in files, are left out."""
    found: dict[tuple[str, tuple[str, ...]], ProbeSample] = {}
    for sample in _all(report):
        found.setdefault((sample[0], tuple(sample[1].values())), sample)
    return list(found.values())


def _all(report: Report) -> Iterator[ProbeSample]:
    findings = {(one.entry, one.target): one.finding for one in report.diagnoses}
    for name, labels, value in samples_of(report):
        if name in LEFT_OUT:
            continue
        probe = labels.get("probe", "")
        if name == "diagnosis":
            probe = probe_of(findings.get((labels["entry"], labels["target"]), ""))
        yield name, dict(labels), value, probe
    for result in report.results:
        yield from _details(result)


def _details(result: Result) -> Iterator[ProbeSample]:
    labels, probe = key_labels(result), result.key.probe
    for step in result.steps:
        if _is_bounded(step.name):
            yield "step_duration_seconds", {**labels, "step": step.name}, step.ms / 1000, probe
    for item in result.evidence:
        if _is_bounded(item.name) and (number := _number(item)):
            unit, value = number
            yield "evidence", {**labels, "evidence": item.name, "unit": unit}, value, probe


def _is_bounded(name: str) -> bool:
    return len(name) <= MAX_NAME and not any(character.isdigit() for character in name)


def _number(item: Evidence) -> tuple[str, float] | None:
    """Return unit and value of evidence in Prometheus' base units; None for what is no number."""
    if isinstance(item.value, bool) or not isinstance(item.value, int | float):
        return None
    unit, factor = BASE_UNITS.get(item.unit, (item.unit, 1.0))
    return unit, round(item.value * factor, 9)
