"""The formats, each read by an independent reader; text from outside never acts as markup."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from markdown import Markdown

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Key, Started, Step
from diagnostics.report.formats import FORMATS
from diagnostics.report.formats.json import document
from diagnostics.report.formats.ndjson import end_line, event_line, start_line
from diagnostics.report.model import Diagnosis, Report, fold
from diagnostics.terminal import Terminal
from kb.records.models import FixStep

KEY = Key("prod", "postgresql://app@db/x", "login")
HOSTILE = "[red]bold[/red] `tick` <script>alert(1)</script> | pipe # head *star* [a](http://x)"
EVENTS = (
    Event(KEY, 0.0, Started()),
    Event(KEY, 0.1, Step(name="login", ms=12.5, detail="refused")),
    Event(KEY, 0.1, Evidence(name="said", value=HOSTILE, expected="nothing", ok=False)),
    Event(KEY, 0.2, Finding(code="login.stale_credential")),
    Event(KEY, 0.2, Finished(outcome="fail", ms=13.0)),
    Event(
        Key("prod", "postgresql://app@db/x", "conflicts"),
        0.2,
        Finished(outcome="blocked", blocked_by="login"),
    ),
)
REPORT = Report(
    tool_version="0.1.0",
    run_id="20260101T000000Z-abc",
    started="2026-01-01T00:00:00+00:00",
    targets=("prod",),
    results=fold(EVENTS),
    diagnoses=(
        Diagnosis(
            entry="db-credential-rotation",
            title="Stale",
            verdict="confirmed",
            target="prod",
            finding="login.stale_credential",
            sentence="It is stale.",
            for_=(HOSTILE,),
            against=("connect ended pass",),
            fix=(FixStep(kind="sql", title="Do it", code="SELECT 1;", undo="Undo it"),),
            next=("clearpay-doctor verify db-credential-rotation --target prod",),
            url="https://kb.example/errors/db-credential-rotation/",
        ),
    ),
    exit_code=1,
)
RESULT = ["target", "endpoint", "probe", "outcome", "reason", "blocked_by", "findings", "evidence", "steps"]
DIAGNOSIS = ["entry", "title", "verdict", "finding", "for", "against", "folded", "fix", "url"]
OUTCOMES = ["pass", "warn", "fail", "unknown", "error", "skipped", "blocked"]
VERDICTS = ["confirmed", "past", "suspected", "ruled_out"]
PROMISE = {
    "type": "object",
    "required": ["schema_version", "tool_version", "run_id", "started", "targets", "results", "diagnoses"],
    "properties": {
        "schema_version": {"const": "1"},
        "exit_code": {"type": "integer"},
        "results": {"items": {"required": RESULT, "properties": {"outcome": {"enum": OUTCOMES}}}},
        "diagnoses": {"items": {"required": DIAGNOSIS, "properties": {"verdict": {"enum": VERDICTS}}}},
    },
}


def test_the_json_document_keeps_its_promise() -> None:
    parsed = json.loads(FORMATS["json"](REPORT, Terminal()))

    Draft202012Validator(PROMISE).validate(parsed)
    assert parsed == document(REPORT)
    assert parsed["results"][1]["blocked_by"] == "login"


def test_every_event_is_a_line_that_reads_back() -> None:
    lines = [start_line(REPORT), *map(event_line, EVENTS), end_line(REPORT)]

    parsed = [json.loads(line) for line in lines]

    assert all(line.count("\n") == 1 for line in lines)
    assert [event["event"] for event in parsed[1:6]] == [
        "probe_started", "step", "evidence", "finding", "probe_finished"
    ]  # fmt: skip
    assert parsed[-1]["exit_code"] == 1


def test_markdown_escapes_text_from_outside() -> None:
    page = Markdown(extensions=["tables", "fenced_code"]).convert(FORMATS["markdown"](REPORT, Terminal()))

    links = re.findall(r'href="([^"]*)"', page)
    assert links == ["https://kb.example/errors/db-credential-rotation/"]
    assert "<script" not in page
    assert "<em>star" not in page
    assert "[red]bold[/red] `tick` &lt;script&gt;" in page


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_human_report_keeps_to_its_width(width: int) -> None:
    text = FORMATS["human"](REPORT, Terminal(width=width))

    commands = ("clearpay-doctor", "https://", "SELECT", "postgresql://")
    prose = [line for line in text.splitlines() if not any(word in line for word in commands)]
    assert max(map(len, prose)) <= width + 10


def test_the_human_report_names_states_in_words_and_needs_no_colour() -> None:
    plain = FORMATS["human"](REPORT, Terminal(unicode=False))

    assert plain.isascii()
    for word in ("x confirmed", "x fail", "/ blocked", "changes", "Undo: Undo it", "SELECT 1;"):
        assert word in plain


def test_colour_wraps_and_does_not_replace() -> None:
    coloured = FORMATS["human"](REPORT, Terminal(colour=True))

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == FORMATS["human"](REPORT, Terminal())
