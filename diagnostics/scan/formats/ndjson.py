"""The ndjson format of a scan: one JSON object a line, `type` first; the fields are those of the document."""

import json
from collections.abc import Iterator
from typing import Any

from diagnostics.scan.report import ScanReport
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import to_data

_LISTS = {
    "inputs": "input",
    "incidents": "incident",
    "entries": "entry",
    "unknown": "unknown",
    "markers": "marker",
    "not_read": "not_read",
}
"""Types of lines by the lists of the document that they are items of."""


def render(report: ScanReport, _terminal: Terminal) -> str:
    """Return the report as lines of JSON: one an item of each list, and one with all that is left."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _objects(to_data(report)))


def _objects(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, kind in _LISTS.items():
        yield from ({"type": kind, **item} for item in document.pop(name))
    yield {"type": "scan", **document}
