"""JSON Schema of an incident, as `--format json` prints it and as it is written beside the log."""

from typing import Any

from diagnostics.report.formats.schema import report_schema
from diagnostics.runbooks.incident import Incident
from kb.records.validate import output_schema


def incident_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12). Fields may be added within a `schema_version`, not removed."""
    schema = output_schema(Incident)
    report = report_schema()
    types = schema["$defs"]
    types.update(report.pop("$defs"))
    types["Report"] = {key: value for key, value in report.items() if key != "$schema"}
    for name in ("StepRecord", "Break"):
        types[name]["properties"]["report"] = REPORT
    fields = schema["properties"]
    schema["properties"] = {"schema_version": fields.pop("schema_version"), **fields, **EXIT_CODE}
    schema["required"] = list(schema["properties"])
    return schema


REPORT = {
    "anyOf": [{"$ref": "#/$defs/Report"}, {"type": "object", "maxProperties": 0}],
    "description": "Report of the probes; empty if the step ran none.",
}
EXIT_CODE = {
    "exit_code": {"type": "integer", "description": "Of the end, otherwise of the last interruption."}
}
