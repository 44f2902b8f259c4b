"""The lines of an incident's log, read back: what cannot be understood is named, with what helps."""

import json
from collections.abc import Sequence

from diagnostics.complaints import shown
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
            incident = with_line(incident, json.loads(line))
        except MEANINGLESS:
            raise Damaged(
                f"line {number} is damaged; cut the file off before it and go on, or begin a new run"
            ) from None
    return incident


def _first(line: bytes) -> Incident:
    """Who began what, and when, from the first line."""
    try:
        said = json.loads(line)
        if said["event"] != "runbook_started":
            raise Damaged(NO_LOG)
        version = said["schema_version"]
        if version == SCHEMA_VERSION:
            return begun(said)
        wrote = f"clearpay-doctor {said['tool_version']} wrote it in schema {version}"
    except MEANINGLESS:
        raise Damaged(NO_LOG) from None
    raise Damaged(
        f"{shown(wrote)}, and {__version__} reads {SCHEMA_VERSION}; go on with the version that wrote it"
    )
