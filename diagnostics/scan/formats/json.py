"""The JSON format of a scan: one document, whose schema `entry schema --scan` prints."""

import json

from diagnostics.scan.report import ScanReport
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import to_data


def render(report: ScanReport, _terminal: Terminal) -> str:
    """Return the report as a JSON document."""
    return json.dumps(to_data(report), indent=2, ensure_ascii=False) + "\n"
