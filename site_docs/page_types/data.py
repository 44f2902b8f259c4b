"""Data files for programs: every entry as JSON, and the JSON Schemas."""

import json
from typing import Any

from kb.records.models import Entry
from site_docs.facts import ROOT, Facts
from site_docs.file import File

SCHEMAS = {
    "incident.schema.json": "diagnostics/runbooks/incident.schema.json",
    "record.schema.json": "kb/schema.json",
    "report.schema.json": "diagnostics/report.schema.json",
    "runbook.schema.json": "kb/runbook.schema.json",
    "scan.schema.json": "diagnostics/scan/scan.schema.json",
    "target.schema.json": "diagnostics/targets/target.schema.json",
}


def data_files(facts: Facts) -> list[File]:
    """Return `errors.json` and the schemas."""
    document = {
        "schema_version": "1",
        "tool_version": facts.version,
        "proven": facts.proof.proven,
        "errors": [_error_document(entry, facts) for entry in facts.entries.values()],
    }
    schemas = [File(name, (ROOT / source).read_text("utf-8"), source) for name, source in SCHEMAS.items()]
    return [File("errors.json", json.dumps(document, indent=1, ensure_ascii=False) + "\n"), *schemas]


def _error_document(entry: Entry, facts: Facts) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "severity": entry.severity,
        "layer": entry.layer,
        "summary": entry.summary,
        "error_names": list(entry.error_names),
        "modules": list(entry.modules),
        "templates": [symptom.template for symptom in entry.symptoms if symptom.template],
        "signs": [symptom.sign for symptom in entry.symptoms if symptom.sign],
        "findings": [cause.finding for cause in entry.causes],
        "probes": facts.catalogue.probes_of(entry),
        "not_this": [other.entry for other in entry.not_this],
        "leads_to": list(entry.leads_to),
        "aliases": list(entry.aliases),
        "since": entry.since,
        "retired": entry.retired,
        "page": f"errors/{entry.id}/",
        "markdown": f"errors/{entry.id}/index.md",
    }
