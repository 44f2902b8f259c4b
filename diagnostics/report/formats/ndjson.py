"""Events of a run as newline-delimited JSON (ndjson), one object per line, written as they happen."""

import json
import time
from typing import Any

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Started, Step
from diagnostics.report.fix_record import FixedStep
from diagnostics.report.formats.json import diagnosis_data
from diagnostics.report.model import Report, roll_up
from kb.records.dataclass_io import to_data
from kb.text.ci_commands import defuse_json

NAMES: dict[type, str] = {
    Started: "probe_started",
    Step: "step",
    Evidence: "evidence",
    Finding: "finding",
    Finished: "probe_finished",
}


START_FIELDS = (
    "schema_version",
    "tool_version",
    "run_id",
    "started",
    "targets",
    "target_file",
    "text_matched",
    "selected",
)
"""Fields of the report that are known when the run starts."""


def event_line(event: Event, round_: int = 0) -> str:
    """Return the line of an event of a probe; with `--repeat` it has the number of its round."""
    key = {"target": event.key.target, "endpoint": event.key.endpoint, "probe": event.key.probe}
    number = {"round": round_} if round_ else {}
    return _line({"event": NAMES[type(event.body)], **number, "at": event.at, **key, **to_data(event.body)})


def start_line(report: Report) -> str:
    """Return the first line: the fields of a run that are known at its start."""
    return _line({"event": "run_started", **{name: getattr(report, name) for name in START_FIELDS}})


def round_line(round_: int, started: str) -> str:
    """Return the line that begins a round; `at` of its events is relative to this line."""
    return _line({"event": "round_started", "round": round_, "started": started})


def round_end_line(round_: int, report: Report) -> str:
    """Return the line that ends a round."""
    outcome = roll_up(report.results)
    return _line(
        {"event": "round_finished", "round": round_, "outcome": outcome, "exit_code": report.exit_code}
    )


def fix_line(event: str, step: FixedStep) -> str:
    """Return the line of a step of a fix: `fix_step_started`, `fix_step_ended` or `fix_step_undone`."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    return _line({"event": event, "time": at, **to_data(step)})


def end_line(report: Report) -> str:
    """Return the last line: diagnoses, verification, fix, story, notes and exit code."""
    diagnoses = [diagnosis_data(diagnosis) for diagnosis in report.diagnoses]
    verification = to_data(report.verification) if report.verification else None
    fix = to_data(report.fix) if report.fix else None
    rest = {"verification": verification, "fix": fix, "notes": report.notes, "exit_code": report.exit_code}
    story = {"story": to_data(report.story)} if report.story else {}
    return _line({"event": "run_finished", "diagnoses": diagnoses, **story, **rest})


def _line(data: dict[str, Any]) -> str:
    return defuse_json(json.dumps(data, ensure_ascii=False)) + "\n"
