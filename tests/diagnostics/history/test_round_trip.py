"""Round trip of a run through its file, and files with arbitrary content."""

import itertools
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Key, Started, Step
from diagnostics.history.comparison import difference
from diagnostics.history.comparison_text import difference_text
from diagnostics.history.export import exported
from diagnostics.history.listing import load_run, summary, summary_line
from diagnostics.history.reader import UnreadableRun, read_run
from diagnostics.history.writer import RunFile
from diagnostics.report.formats import FORMATS
from diagnostics.report.formats.ndjson import end_line, event_line, start_line
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from kb.text.sanitize import one_line
from tests.diagnostics.report.formats.test_formats import EVENTS, REPORT

TEXT = some.text(max_size=20).map(one_line)
NUMBERS = some.floats(0, 1e9)
SCALARS = TEXT | some.integers(-(2**70), 2**70) | some.floats(-1e50, 1e50) | some.booleans() | some.none()
VALUES = SCALARS | some.lists(SCALARS, max_size=3).map(tuple)
KEYS = some.builds(Key, TEXT, TEXT, some.sampled_from(["connect", "login", "kills"]))
BODIES = some.one_of(
    some.builds(Started),
    some.builds(Step, name=TEXT, ms=NUMBERS, detail=TEXT),
    some.builds(Evidence, name=TEXT, value=VALUES, expected=VALUES, unit=TEXT, note=TEXT),
    some.builds(Finding, code=TEXT),
    some.builds(Finished, reason=TEXT, blocked_by=TEXT, ms=NUMBERS),
)
RUNS = some.lists(some.builds(Event, KEYS, NUMBERS, BODIES), max_size=12)
WHOLE = "".join([start_line(REPORT), *map(event_line, EVENTS), end_line(REPORT)]).encode()
LINES = WHOLE.decode().splitlines()
DIAGNOSIS = json.loads(LINES[-1])["diagnoses"][0]
LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20)
JSON = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
NUMBER = itertools.count()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the file of the run that the examples change."""
    return tmp_path_factory.mktemp("runs") / f"{REPORT.run_id}.ndjson"


def fresh() -> Report:
    return Report(
        tool_version="0.1.0",
        run_id=f"20260101T000000Z-{next(NUMBER):06x}",
        started="2026-01-01T00:00:00+00:00",
        targets=("prod",),
    )


@given(RUNS)
@settings(deadline=None, max_examples=80)
def test_every_event_comes_back_from_its_file(events: list[Event]) -> None:
    report = fresh()
    file = RunFile.begin(report)
    for event in events:
        file.observe(event)
    file.finish(report)

    assert file.note == ""
    assert load_run(report.run_id).events == tuple(events)


@given(some.integers(0, len(WHOLE)))
@settings(deadline=None, max_examples=80)
def test_a_file_cut_anywhere_holds_the_events_before_the_cut(place: Path, length: int) -> None:
    place.write_bytes(WHOLE[:length])
    whole_lines = WHOLE[:length].count(b"\n")
    try:
        run = read_run(place)
    except UnreadableRun:
        assert whole_lines == 0
    else:
        assert run.events == EVENTS[: whole_lines - 1]
        assert run.state == ("finished" if length == len(WHOLE) else "cut short")


@given(some.integers(0, len(WHOLE)), some.integers(0, 40), some.binary(max_size=40))
@settings(deadline=None, max_examples=100)
def test_bytes_that_were_tampered_with_do_no_harm(place: Path, at: int, length: int, put: bytes) -> None:
    place.write_bytes(WHOLE[:at] + put + WHOLE[at + length :])

    assert shown_without_controls(place)


@given(some.integers(0, len(LINES) - 1), some.data(), JSON)
@settings(deadline=None, max_examples=300)
def test_values_that_were_tampered_with_do_no_harm(
    place: Path, number: int, data: some.DataObject, value: object
) -> None:
    line = json.loads(LINES[number])
    line[data.draw(some.sampled_from(sorted(line)))] = value
    place.write_text("\n".join([*LINES[:number], json.dumps(line), *LINES[number + 1 :], ""]))

    assert shown_without_controls(place)


@given(some.sampled_from(sorted(DIAGNOSIS)), JSON)
@settings(deadline=None, max_examples=200)
def test_diagnoses_that_were_tampered_with_do_no_harm(place: Path, name: str, value: object) -> None:
    last = {**json.loads(LINES[-1]), "diagnoses": [{**DIAGNOSIS, name: value}]}
    place.write_text("\n".join([*LINES[:-1], json.dumps(last), ""]))

    assert shown_without_controls(place)


def shown_without_controls(path: Path) -> bool:
    """Return True if a file is refused, or every format of it is free of control characters."""
    try:
        run = read_run(path)
    except UnreadableRun as reason:
        return CONTROLS.search(str(reason)) is None
    texts = [exported(run, name) for name in (*FORMATS, "ndjson")]
    texts += [summary_line(summary(run)), difference_text(difference(run.report, REPORT), Terminal())]
    json.loads(exported(run, "json"), parse_constant=pytest.fail)
    return CONTROLS.search("".join(texts)) is None
