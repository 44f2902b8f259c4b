"""The report as one JSON document for scripts; its fields are a promise, see `report_schema`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from diagnostics.engine.events import Evidence, Finding, Step
from diagnostics.report.model import Diagnosis, Report, Result
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import build, to_data
from kb.text.ci_commands import defuse_json

Builder = Callable[[type, Mapping[str, Any]], Any]
"""Function that builds a dataclass from JSON data: `build`, or one that also validates."""


def render(report: Report, _: Terminal) -> str:
    """Return the report as a JSON document."""
    return defuse_json(json.dumps(document(report), indent=2, ensure_ascii=False)) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return the report as JSON data."""
    return {
        "schema_version": report.schema_version,
        "tool_version": report.tool_version,
        "run_id": report.run_id,
        "started": report.started,
        "targets": list(report.targets),
        "target_file": report.target_file,
        "text_matched": report.text_matched,
        "selected": list(report.selected),
        "results": [_result(result) for result in report.results],
        "diagnoses": [diagnosis_data(diagnosis) for diagnosis in report.diagnoses],
        "notes": list(report.notes),
        "verification": to_data(report.verification) if report.verification else None,
        "fix": to_data(report.fix) if report.fix else None,
        "rounds": to_data(report.rounds),
        "story": to_data(report.story) if report.story else None,
        "exit_code": report.exit_code,
    }


def diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON data; its field `for_` is `for`, a keyword of Python."""
    data: dict[str, Any] = to_data(diagnosis)
    return {key.rstrip("_"): value for key, value in data.items()}


def diagnosis_of(data: Mapping[str, Any], make: Builder = build) -> Diagnosis:
    """Return a diagnosis from JSON data; data from outside needs a `make` that validates."""
    diagnosis: Diagnosis = make(Diagnosis, {FIELDS.get(key, key): value for key, value in data.items()})
    return diagnosis


def result_of(data: Mapping[str, Any], make: Builder = build) -> Result:
    """Return a result from JSON data, as above. Raises KeyError if target, endpoint or probe is missing."""
    key = {name: data[name] for name in KEY}
    result: Result = make(Result, {**{name: data[name] for name in data if name not in KEY}, "key": key})
    return result


FIELDS = {"for": "for_"}
"""Fields whose name in the document differs from that of the dataclass."""
KEY = ("target", "endpoint", "probe")
"""Fields of a result in the document that are its `Key` in the model."""


def body_data(body: Step | Evidence | Finding) -> dict[str, Any]:
    """Return a step, a piece of evidence or a finding as JSON data."""
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
