"""Every report survives JSON, whatever it contains."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Key, Started, Step
from diagnostics.lab.lab import Lab
from diagnostics.report.formats.json import document
from diagnostics.report.formats.ndjson import NAMES, event_line
from diagnostics.report.formats.schema import report_schema
from diagnostics.report.model import Diagnosis, Report, Result, Round, RoundResult, fold
from kb.records.dataclass_io import build
from kb.records.models import FixStep
from tests.diagnostics.cli.test_main import NOWHERE, run

ROOT = Path(__file__).parents[3]
TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = some.floats(0, 1e9)
VALUES = some.one_of(
    TEXT, some.integers(), some.floats(allow_nan=False, allow_infinity=False), some.booleans()
)
TUPLES = some.lists(VALUES, max_size=3).map(tuple)
KEYS = some.builds(Key, TEXT, TEXT, some.sampled_from(["connect", "login", "kills"]))
BODIES = some.one_of(
    some.builds(Started),
    some.builds(Step, name=TEXT, ms=NUMBERS, detail=TEXT),
    some.builds(
        Evidence, name=TEXT, value=some.one_of(VALUES, TUPLES), expected=some.none() | VALUES, note=TEXT
    ),
    some.builds(Finding, code=TEXT),
    some.builds(Finished, reason=TEXT, blocked_by=TEXT, ms=NUMBERS),
)
EVENTS = some.lists(some.builds(Event, KEYS, NUMBERS, BODIES), max_size=12)
TEXTS = some.lists(TEXT, max_size=2).map(tuple)
STEPS = some.lists(some.builds(FixStep, title=TEXT, code=TEXT, undo=TEXT, why_manual=TEXT), max_size=2)
DIAGNOSES = some.builds(
    Diagnosis,
    entry=TEXT,
    title=TEXT,
    for_=TEXTS,
    against=TEXTS,
    folded=TEXTS,
    fix=STEPS.map(tuple),
    next=TEXTS,
)
ROUND_RESULTS = some.lists(
    some.builds(RoundResult, target=TEXT, endpoint=TEXT, probe=TEXT, findings=TEXTS), max_size=2
)
ROUNDS = some.builds(Round, round=some.integers(1, 9), started=TEXT, results=ROUND_RESULTS.map(tuple))
REPORTS = some.builds(
    Report,
    tool_version=TEXT,
    run_id=TEXT,
    started=TEXT,
    targets=TEXTS,
    target_file=TEXT,
    results=EVENTS.map(fold),
    diagnoses=some.lists(DIAGNOSES, max_size=2).map(tuple),
    notes=TEXTS,
    rounds=some.lists(ROUNDS, max_size=2).map(tuple),
    exit_code=some.integers(0, 255),
)


def read_report(data: Mapping[str, Any]) -> Report:
    """Return the report of a JSON document."""
    results = tuple(build(Result, _keyed(result)) for result in data["results"])
    diagnoses = tuple(build(Diagnosis, {"for_": one.pop("for"), **one}) for one in data["diagnoses"])
    rest = {name: value for name, value in data.items() if name not in {"results", "diagnoses"}}
    return build(Report, {**rest, "results": results, "diagnoses": diagnoses})


def read_event(line: str) -> Event:
    """Return the event of an ndjson line."""
    data = json.loads(line)
    name = data.pop("event")
    cls = next(cls for cls, known in NAMES.items() if known == name)
    at, key = data.pop("at"), Key(*(data.pop(name) for name in ("target", "endpoint", "probe")))
    body: Any = build(cls, data)
    return Event(key, at, body)


def _keyed(result: Mapping[str, Any]) -> dict[str, Any]:
    key = {name: result[name] for name in ("target", "endpoint", "probe")}
    return {"key": key, **{name: value for name, value in result.items() if name not in key}}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without additional properties, so that an unpublished field is an error."""
    types = {name: {**one, "additionalProperties": False} for name, one in schema["$defs"].items()}
    return {**schema, "$defs": types, "additionalProperties": False}


STRICT = Draft202012Validator(closed(report_schema()))


def test_the_published_schema_is_fresh_and_a_schema() -> None:
    published = json.loads((ROOT / "diagnostics" / "report.schema.json").read_text("utf-8"))

    Draft202012Validator.check_schema(published)
    assert published == report_schema(), "stale: run make schema"


@pytest.mark.lab
@pytest.mark.parametrize(
    "call",
    [
        ("check", "login", "--config", "{lab}", "--target", "lab"),
        ("check", "connect", "--target", NOWHERE, "--repeat", "2", "--every", "1ms"),
        ("diagnose", "-", "--target", NOWHERE),
    ],
    ids=" ".join,
)
def test_what_real_runs_write_keeps_to_the_schema(lab: Lab, call: tuple[str, ...]) -> None:
    words = [word.format(lab=lab.target_file) for word in call]

    done = run(*words, "--format", "json", text="connection refused by the database\n")

    STRICT.validate(json.loads(done.stdout))


@given(REPORTS)
@settings(deadline=None, max_examples=60)
def test_a_report_survives_json_and_keeps_to_its_schema(report: Report) -> None:
    text = json.dumps(document(report), allow_nan=False)

    STRICT.validate(json.loads(text))
    assert read_report(json.loads(text)) == report


@given(EVENTS)
@settings(deadline=None, max_examples=60)
def test_the_lines_of_a_run_fold_to_its_results(events: list[Event]) -> None:
    lines = [event_line(event) for event in events]

    assert all(line.count("\n") == 1 for line in lines)
    assert fold(map(read_event, lines)) == fold(events)
