"""The JSON Schema of an incident, as it stands beside its log and as `--format json` prints it."""

from typing import Any

from diagnostics.report.formats.schema import report_schema
from diagnostics.runbooks.incident import Incident
from kb.records.validate import written_schema


def incident_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12). Fields may be added within a `schema_version`, none goes."""
    schema = written_schema(Incident)
    report = report_schema()
    types = schema["$defs"]
    types.update(report.pop("$defs"))
    types["Report"] = {key: value for key, value in report.items() if key != "$schema"}
    for name in ("StepRecord", "Break"):
        types[name]["properties"]["report"] = SEEN
    fields = schema["properties"]
    schema["properties"] = {"schema_version": fields.pop("schema_version"), **fields, **EXIT_CODE}
    schema["required"] = list(schema["properties"])
    return schema


SEEN = {
    "anyOf": [{"$ref": "#/$defs/Report"}, {"type": "object", "maxProperties": 0}],
    "description": "What was seen; empty where nothing was looked at.",
}
EXIT_CODE = {"exit_code": {"type": "integer", "description": "Of the end, else of what stopped the run."}}
