"""The JSON Schema of the document that `--format json` writes, from the types that hold it."""

from typing import Any

from diagnostics.report.model import Report
from kb.records.validate import output_schema


def report_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the report. Fields may be added within a `schema_version`, none goes."""
    schema = output_schema(Report)
    types = schema["$defs"]
    key, result = types.pop("Key"), types["Result"]
    del result["properties"]["key"]
    _set_fields(result, {**key["properties"], **result["properties"]})
    diagnosis = types["Diagnosis"]
    _set_fields(diagnosis, {name.rstrip("_"): value for name, value in diagnosis["properties"].items()})
    return schema


def _set_fields(described: dict[str, Any], fields: dict[str, Any]) -> None:
    described["properties"] = fields
    described["required"] = list(fields)
