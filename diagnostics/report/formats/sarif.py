"""SARIF 2.1.0 for code scanning: a result for each place in code, and for each finding without one."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from diagnostics.engine.events import Evidence
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import UNMATCHED, Report, Result
from diagnostics.terminal import Terminal
from kb.text.ci_commands import defuse_json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "clearpayDoctor/v1"
PLACE = re.compile(r"(?P<path>.+):(?P<line>\d+)")
KNOWN = "known"
"""Name of the evidence of a place that a baseline names; its note begins with the rule."""


def render(report: Report, _: Terminal) -> str:
    """Return the report as one SARIF log with one run."""
    entries = {diagnosis.finding: diagnosis.entry for diagnosis in report.diagnoses}
    results = [item for result in report.results for item in _results(result, entries)]
    rules = sorted({item["ruleId"] for item in results})
    driver = {
        "name": "clearpay-doctor",
        "version": report.tool_version,
        "rules": [{"id": rule} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "results": results,
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return defuse_json(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _invocation(report: Report) -> dict[str, Any]:
    """Return how the run ended: a notification for each probe, an error for one that is not conclusive."""
    notes = [_note("error", UNMATCHED)] if report.is_unmatched else []
    for result in report.results:
        level = "error" if result.outcome in {"unknown", "error"} else "note"
        text = ": ".join(filter(None, (result.key.probe, result.outcome, result.reason)))
        notes.append(_note(level, text))
    return {
        "executionSuccessful": all(note["level"] != "error" for note in notes),
        "exitCode": report.exit_code,
        "startTimeUtc": report.started.replace("+00:00", "Z"),
        "toolExecutionNotifications": notes,
    }


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}


def _results(result: Result, entries: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the places of a probe's findings, then the findings that have no place."""
    levels = {finding.code: finding.level for finding in result.findings}
    placed: set[str] = set()
    for item in result.evidence:
        if not item.fingerprint:
            continue
        name = item.note.partition(":")[0] if item.name == KNOWN else item.name
        code = f"{result.key.probe}.{name}"
        placed.add(code)
        yield _at_place(code, item, levels.get(code, "warn"))
    for code, level in levels.items():
        if code not in placed:
            evidence = [evidence_line(item) for item in result.evidence if item.ok is False]
            text = "; ".join(evidence) or f"{code} on {result.key.endpoint or result.key.target}"
            text = f"{entries[code]}: {text}" if code in entries else text
            yield {"ruleId": code, "level": _level(level), "message": {"text": text}}


def _at_place(code: str, item: Evidence, level: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ruleId": code,
        "level": _level(level),
        "message": {"text": item.note or code},
        "partialFingerprints": {FINGERPRINT: item.fingerprint},
        "baselineState": "unchanged" if item.name == KNOWN else "new",
    }
    if place := PLACE.fullmatch(str(item.value)):
        location = {
            "artifactLocation": {"uri": _uri(place["path"])},
            "region": {"startLine": int(place["line"])},
        }
        data["locations"] = [{"physicalLocation": location}]
    return data


def _uri(path: str) -> str:
    """Return a path as a URI: relative where it is, else with the scheme `file`."""
    pure = PurePath(path)
    if pure.is_absolute():
        return pure.as_uri()
    from urllib.parse import quote  # noqa: PLC0415  only this format

    return quote(pure.as_posix())


def _level(level: str) -> str:
    return "error" if level == "fail" else "warning"
