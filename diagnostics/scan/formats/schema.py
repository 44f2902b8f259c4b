"""JSON Schema of the document of `scan --format json`, derived from the dataclasses of its report."""

from typing import Any

from diagnostics.scan.report import ScanReport
from kb.records.validate import output_schema


def scan_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12); a `schema_version` only gains fields."""
    return output_schema(ScanReport)
