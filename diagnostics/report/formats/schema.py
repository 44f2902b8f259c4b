"""JSON Schema of the document of `--format json`, derived from the dataclasses of the report."""

from typing import Any

from diagnostics.report.model import Report
from kb.records.validate import output_schema


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the report; a `schema_version` only gains fields."""
    schema = output_schema(Report)
    types = schema["$defs"]
    key, result = types.pop("Key"), types["Result"]
    del result["properties"]["key"]
    _set_properties(result, {**key["properties"], **result["properties"]})
    diagnosis = types["Diagnosis"]
    _set_properties(diagnosis, {name.rstrip("_"): value for name, value in diagnosis["properties"].items()})
    return schema


def _set_properties(schema: dict[str, Any], properties: dict[str, Any]) -> None:
    schema["properties"] = properties
    schema["required"] = list(properties)
