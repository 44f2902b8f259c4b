"""The lines of an incident's log, read back: what cannot be understood is named, with what helps.

A log is outside text: someone may have edited it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from diagnostics.errors import shown
from diagnostics.history.line_parser import checked, data_of
from diagnostics.report.formats.json import diagnosis_of, result_of
from diagnostics.runbooks.incident import SCHEMA_VERSION, Incident, begun, with_line
from diagnostics.version import __version__

MEANINGLESS = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
NO_LOG = "is no log of a runbook; that is the file that ends in .ndjson"


class Damaged(ValueError):
    """Lines that tell no incident; the message says why, and what helps."""


def read_lines(lines: Sequence[bytes]) -> Incident:
    """The incident that the whole lines of a log tell. Raises Damaged."""
    if not lines:
        raise Damaged("is empty: the run was stopped before it began; begin it again without --resume")
    incident = _first(lines[0])
    for number, line in enumerate(lines[1:], 2):
        try:
            said = data_of(line)
            incident = with_line(incident, said, checked)
            _require_report(said.get("report", {}))
        except MEANINGLESS:
            raise Damaged(
                f"line {number} is damaged; cut the file off before it and go on, or begin a new run"
            ) from None
    return incident


def _first(line: bytes) -> Incident:
    """Who began what, and when, from the first line."""
    try:
        said = data_of(line)
        if said["event"] != "runbook_started":
            raise Damaged(NO_LOG)
        version = said["schema_version"]
        if version == SCHEMA_VERSION:
            return begun(said, checked)
        wrote = f"clearpay-doctor {said['tool_version']} wrote it in schema {version}"
    except MEANINGLESS:
        raise Damaged(NO_LOG) from None
    raise Damaged(
        f"{shown(wrote)}, and {__version__} reads {SCHEMA_VERSION}; go on with the version that wrote it"
    )


def _require_report(report: Mapping[str, Any]) -> None:
    """A step's report as the pages show it. Raises one of MEANINGLESS."""
    for result in report.get("results", ()):
        result_of(result, checked)
    for diagnosis in report.get("diagnoses", ()):
        diagnosis_of(diagnosis, checked)
