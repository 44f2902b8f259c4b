"""One JSON document: what scripts read. Its fields are a promise."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from diagnostics.engine.events import Evidence, Finding, Step
from diagnostics.report.model import Diagnosis, Report, Result
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import build, to_data

Make = Callable[[type, Mapping[str, Any]], Any]
"""Makes a dataclass from plain data."""


def render(report: Report, _: Terminal) -> str:
    """The report as one document."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema_version": report.schema_version,
        "tool_version": report.tool_version,
        "run_id": report.run_id,
        "started": report.started,
        "targets": list(report.targets),
        "results": [_result(result) for result in report.results],
        "diagnoses": [diagnosis_data(diagnosis) for diagnosis in report.diagnoses],
        "notes": list(report.notes),
        "rounds": to_data(report.rounds),
        "exit_code": report.exit_code,
    }


def diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """One diagnosis as plain data; `for` is a word of Python, so the field is spelled `for_` there."""
    data: dict[str, Any] = to_data(diagnosis)
    return {key.rstrip("_"): value for key, value in data.items()}


def diagnosis_of(data: Mapping[str, Any], make: Make = build) -> Diagnosis:
    """The way back, from a document that this program wrote; `make` checks where that is not certain."""
    found: Diagnosis = make(Diagnosis, {FIELDS.get(key, key): value for key, value in data.items()})
    return found


def result_of(data: Mapping[str, Any], make: Make = build) -> Result:
    """The way back, as above. Raises KeyError where it does not say whose result it is."""
    key = {name: data[name] for name in KEY}
    found: Result = make(Result, {**{name: data[name] for name in data if name not in KEY}, "key": key})
    return found


FIELDS = {"for": "for_"}
KEY = ("target", "endpoint", "probe")


def body_data(body: Step | Evidence | Finding) -> dict[str, Any]:
    """A step, a piece of evidence or a finding as plain data."""
    data: dict[str, Any] = to_data(body)
    return data


def _result(result: Result) -> dict[str, Any]:
    return {
        "target": result.key.target,
        "endpoint": result.key.endpoint,
        "probe": result.key.probe,
        "outcome": result.outcome,
        "reason": result.reason,
        "blocked_by": result.blocked_by,
        "findings": [body_data(finding) for finding in result.findings],
        "evidence": [body_data(item) for item in result.evidence],
        "steps": [body_data(step) for step in result.steps],
        "ms": result.ms,
    }
