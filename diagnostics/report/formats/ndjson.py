"""The events of a run, one JSON object a line, written as they happen."""

import json
from typing import Any

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Started, Step
from diagnostics.report.formats.json import diagnosis_data
from diagnostics.report.model import Report, roll_up
from kb.records.dataclass_io import to_data

NAMES: dict[type, str] = {
    Started: "probe_started",
    Step: "step",
    Evidence: "evidence",
    Finding: "finding",
    Finished: "probe_finished",
}


def event_line(event: Event, round_: int = 0) -> str:
    """One event as a line, with the number of its round where there are several."""
    key = {"target": event.key.target, "endpoint": event.key.endpoint, "probe": event.key.probe}
    counted = {"round": round_} if round_ else {}
    return _line({"event": NAMES[type(event.body)], **counted, "at": event.at, **key, **to_data(event.body)})


def start_line(report: Report) -> str:
    """The first line: what runs."""
    names = ("schema_version", "tool_version", "run_id", "started", "targets")
    return _line({"event": "run_started", **{name: getattr(report, name) for name in names}})


def round_line(round_: int, started: str) -> str:
    """A round begins; `at` of its events counts from here."""
    return _line({"event": "round_started", "round": round_, "started": started})


def round_end_line(round_: int, report: Report) -> str:
    """A round ended."""
    outcome = roll_up(report.results)
    return _line(
        {"event": "round_finished", "round": round_, "outcome": outcome, "exit_code": report.exit_code}
    )


def end_line(report: Report) -> str:
    """The last line: what it came to."""
    diagnoses = [diagnosis_data(diagnosis) for diagnosis in report.diagnoses]
    rest = {"notes": report.notes, "exit_code": report.exit_code}
    return _line({"event": "run_finished", "diagnoses": diagnoses, **rest})


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"
