"""Parser of an incident log: the incident of its lines, or a message with the line and the remedy.

A log is untrusted input: someone may have edited it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.errors import printable
from diagnostics.history.append_log import Damaged, parse_line
from diagnostics.history.line_parser import checked
from diagnostics.report.formats.json import diagnosis_of, result_of
from diagnostics.runbooks.incident import SCHEMA_VERSION, Incident, incident_of_start, with_line
from diagnostics.version import __version__

INVALID = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""Errors of a line that parses and does not fit an incident."""
NO_LOG = "is not a log of a runbook; its name ends in .ndjson"


def read_incident(lines: Sequence[bytes]) -> Incident:
    """Return the incident that the complete lines of a log record. Raises Damaged."""
    if not lines:
        raise Damaged("is empty: the run was stopped before it began; begin it again without --resume")
    incident = _first(lines[0])
    for number, line in enumerate(lines[1:], 2):
        try:
            data = parse_line(line)
            incident = with_line(incident, data, checked)
            _require_report(data.get("report", {}))
        except INVALID:
            raise Damaged(
                f"line {number} is damaged; cut the file off before it and go on, or begin a new run"
            ) from None
    return incident


def _first(line: bytes) -> Incident:
    """Return the incident of the first line, without steps."""
    try:
        data = parse_line(line)
        if data["event"] != "runbook_started":
            raise Damaged(NO_LOG)
        version = data["schema_version"]
        if version == SCHEMA_VERSION:
            return incident_of_start(data, checked)
        writer = f"clearpay-doctor {data['tool_version']} wrote it in schema {version}"
    except INVALID:
        raise Damaged(NO_LOG) from None
    raise Damaged(
        f"{printable(writer)}, and {__version__} reads {SCHEMA_VERSION}; go on with the version that wrote it"
    )


def _require_report(report: Mapping[str, Any]) -> None:
    """Check that the pages can show a step's report. Raises one of INVALID."""
    for result in report.get("results", ()):
        result_of(result, checked)
    for diagnosis in report.get("diagnoses", ()):
        diagnosis_of(diagnosis, checked)
