"""The events of a run, one JSON object a line, written as they happen."""

import json
from typing import Any

from diagnostics.events import Event, Evidence, Finding, Finished, Started, Step
from diagnostics.formats.json import diagnosis_data
from diagnostics.report import Report
from kb.build import to_data

NAMES: dict[type, str] = {
    Started: "probe_started",
    Step: "step",
    Evidence: "evidence",
    Finding: "finding",
    Finished: "probe_finished",
}


def event_line(event: Event) -> str:
    """One event as a line."""
    key = {"target": event.key.target, "endpoint": event.key.endpoint, "probe": event.key.probe}
    return _line({"event": NAMES[type(event.body)], "at": event.at, **key, **to_data(event.body)})


def start_line(report: Report) -> str:
    """The first line: what runs."""
    names = ("schema_version", "tool_version", "run_id", "started")
    return _line({"event": "run_started", **{name: getattr(report, name) for name in names}})


def end_line(report: Report) -> str:
    """The last line: what it came to."""
    diagnoses = [diagnosis_data(diagnosis) for diagnosis in report.diagnoses]
    return _line({"event": "run_finished", "diagnoses": diagnoses, "exit_code": report.exit_code})


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"
