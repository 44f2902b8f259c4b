"""Gauges in the Prometheus text exposition format, for the textfile collector of node_exporter."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import get_args

from diagnostics.engine.events import Finding, Outcome
from diagnostics.report.model import Report, Result
from diagnostics.terminal import Terminal

HELP = {
    "text_matched": "1 if a known error matches the diagnosed text, 0 if none does.",
    "probe_outcome": "Outcome of a probe: 1 for the actual one, 0 for the others.",
    "probe_duration_seconds": "Wall time of a probe that ran.",
    "finding": "A finding; entry and url are empty for a consequence of another one.",
    "diagnosis": "An entry that is confirmed, past or suspected.",
    "last_run_timestamp_seconds": "Start time of the run.",
    "exit_code": "Exit code of the run.",
    "info": "Version of clearpay-doctor.",
}
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]


def render(report: Report, _: Terminal) -> str:
    """Return the report as metrics; the format requires the samples of a metric to be adjacent."""
    samples = list(samples_of(report))
    lines: list[str] = []
    for name, help_ in HELP.items():
        own = [_line(*sample) for sample in samples if sample[0] == name]
        if own:
            lines += [f"# HELP {_metric(name)} {help_}", f"# TYPE {_metric(name)} gauge", *own]
    return "\n".join(lines) + "\n"


def samples_of(report: Report) -> Iterator[Sample]:
    """Yield name, labels and value of each sample, the name without its prefix."""
    if report.text_matched is not None:
        yield "text_matched", {}, float(report.text_matched)
    for result in report.results:
        yield from _result_samples(result)
        yield from (_finding_sample(report, result, finding) for finding in dict.fromkeys(result.findings))
    for diagnosis in report.diagnoses:
        if diagnosis.verdict != "ruled_out":
            names = ("target", "entry", "verdict")
            yield "diagnosis", {name: getattr(diagnosis, name) for name in names}, 1
    yield "last_run_timestamp_seconds", {}, datetime.fromisoformat(report.started).timestamp()
    yield "exit_code", {}, report.exit_code
    yield "info", {"version": report.tool_version}, 1


def _result_samples(result: Result) -> Iterator[Sample]:
    labels = key_labels(result)
    for outcome in get_args(Outcome):
        yield "probe_outcome", {**labels, "outcome": outcome}, float(result.outcome == outcome)
    if result.ms:
        yield "probe_duration_seconds", labels, result.ms / 1000


def _finding_sample(report: Report, result: Result, finding: Finding) -> Sample:
    diagnosis = report.diagnosis_of(result.key.target, finding.code)
    entry, url = (diagnosis.entry, diagnosis.url) if diagnosis else ("", "")
    named = {"finding": finding.code, "level": finding.level, "entry": entry, "url": url}
    return "finding", {**key_labels(result), **named}, 1


def key_labels(result: Result) -> dict[str, str]:
    """Return the labels of all samples of a result."""
    return {"target": result.key.target, "endpoint": result.key.endpoint, "probe": result.key.probe}


def _line(name: str, labels: Labels, value: float) -> str:
    inner = ",".join(f'{key}="{text.translate(ESCAPES)}"' for key, text in labels.items())
    return f"{_metric(name)}{{{inner}}} {value:.15g}" if inner else f"{_metric(name)} {value:.15g}"


def _metric(name: str) -> str:
    return f"clearpay_doctor_{name}"
