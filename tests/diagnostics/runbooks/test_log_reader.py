"""Incident logs with arbitrary changes: refused with a message, or shown without control characters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from diagnostics.errors import UnreadableInput
from diagnostics.runbooks.incident_report import human, json_text, markdown
from diagnostics.runbooks.log import read
from diagnostics.terminal import Terminal
from kb.runbook_model.advance import RunbookMismatch, advance
from kb.runbook_model.loader import read_runbooks
from kb.runbook_model.model import Runbook
from tests.diagnostics.history.test_round_trip import CONTROLS, JSON
from tests.diagnostics.runbooks.team_runbook import SOMEBODY, begin, resume, team

Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("incident")


@pytest.fixture(scope="module")
def kb(folder: Path) -> str:
    return team(folder)


@pytest.fixture(scope="module")
def runbook(kb: str) -> Runbook:
    return read_runbooks(Path(kb) / "runbooks")["a-trouble"]


@pytest.fixture(scope="module")
def lines(kb: str, folder: Path) -> list[str]:
    """Return the log of a run that was interrupted, resumed, found a known error and ended in its fix."""
    log = folder / "whole.ndjson"
    begin(kb, log)
    resume(kb, log, *SOMEBODY)
    return log.read_text("utf-8").splitlines()


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Yield the path of every value of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (*above, name)
        yield from places(item, (*above, name))


@given(some.data(), JSON)
def test_a_value_that_was_tampered_with_does_no_harm(
    lines: list[str], folder: Path, runbook: Runbook, data: some.DataObject, value: object
) -> None:
    number = data.draw(some.integers(0, len(lines) - 1))
    line = inner = json.loads(lines[number])
    *way, last = data.draw(some.sampled_from(sorted(places(line), key=str)))
    for name in way:
        inner = inner[name]
    inner[last] = value
    log = folder / "tampered.ndjson"
    log.write_text("\n".join([*lines[:number], json.dumps(line), *lines[number + 1 :], ""]))

    try:
        incident, _ = read(log)
        advance(runbook, incident.visits)
    except (UnreadableInput, RunbookMismatch) as refused:
        shown = str(refused)
    else:
        shown = human(incident, runbook, Terminal()) + markdown(incident, runbook) + json_text(incident)
    assert CONTROLS.search(shown) is None
