"""The next step of a runbook follows from the record and the log alone."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.runbook_model.advance import RunbookMismatch, StepRecord, advance
from kb.runbook_model.drawing import tree_lines, tree_markdown, tree_text
from kb.runbook_model.loader import load_runbooks
from kb.runbook_model.model import Branch, Runbook, RunbookStep, StepOutcome

WHEN = "2026-01-01T00:00:00+00:00"
BOOK = Runbook(
    id="payments-slow",
    title="Payments are slow",
    when="Now.",
    since="0.1.0",
    steps=(
        RunbookStep(
            id="connect",
            title="Connect",
            check=("connect",),
            then=(
                Branch(go="refused", findings=("connect.refused",)),
                Branch(go="rotation", entries=("db-credential-rotation",)),
                Branch(go="ask", outcomes=("fail",)),
            ),
            go="well",
        ),
        RunbookStep(id="refused", title="Refused", fix="confirmed"),
        RunbookStep(id="rotation", title="Rotation", fix="db-credential-rotation"),
        RunbookStep(
            id="ask",
            title="Again?",
            ask="Again?",
            then=(Branch(go="connect", answer="again"), Branch(go="well", answer="stop")),
        ),
        RunbookStep(id="well", title="Well", green="Well."),
    ),
)


def step_record(
    step: str,
    outcome: StepOutcome | Literal[""] = "",
    answer: str = "",
    findings: tuple[str, ...] = (),
    entries: tuple[str, ...] = (),
) -> StepRecord:
    return StepRecord(
        step=step,
        started=WHEN,
        ended=WHEN,
        who="ada",
        outcome=outcome,
        answer=answer,
        findings=findings,
        entries=entries,
    )


FAILED = step_record("connect", "fail")


@pytest.mark.parametrize(
    ("log", "due"),
    [
        ([], "connect"),
        ([step_record("connect", "pass")], "well"),
        ([step_record("connect", "fail", findings=("connect.silent", "connect.refused"))], "refused"),
        ([step_record("connect", "fail", entries=("db-credential-rotation",))], "rotation"),
        ([FAILED], "ask"),
        ([FAILED, step_record("ask", answer="again")], "connect"),
        ([FAILED, step_record("ask", answer="again"), FAILED, step_record("ask", answer="stop")], "well"),
    ],
)
def test_the_next_step_follows_from_what_happened(log: list[StepRecord], due: str) -> None:
    assert advance(BOOK, log).id == due


@pytest.mark.parametrize(
    "log",
    [
        [step_record("ask", answer="stop")],
        [step_record("connect", "pass"), step_record("well")],
        [FAILED, step_record("ask", answer="perhaps")],
        [FAILED, FAILED],
    ],
)
def test_a_log_that_the_runbook_would_not_have_made_is_refused(log: list[StepRecord]) -> None:
    with pytest.raises(RunbookMismatch):
        advance(BOOK, log)


OUTCOMES = ("pass", "warn", "fail", "unknown", "error", "skipped")


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(load_runbooks())))
def test_whatever_happens_a_shipped_runbook_goes_on_until_an_end(data: st.DataObject, name: str) -> None:
    book = load_runbooks()[name]
    log: list[StepRecord] = []
    for _ in range(3 * len(book.steps)):
        step = advance(book, log)
        if step.ends:
            break
        if step.ask:
            chosen = data.draw(st.sampled_from(step.choices))
            log.append(step_record(step.id, answer=chosen))
        elif step.tell:
            log.append(step_record(step.id))
        else:
            possible = ("pass", "fail", "unknown", "skipped") if step.verify else OUTCOMES
            codes = [code for branch in step.then for code in branch.findings]
            found = data.draw(st.sampled_from([(), *((code,) for code in codes)]))
            log.append(step_record(step.id, data.draw(st.sampled_from(possible)), findings=found))
    else:
        assert len({record.step for record in log}) < len(log), "only a question may lead back"


@pytest.mark.parametrize("name", sorted(load_runbooks()))
def test_a_drawing_has_every_step_once_and_every_way(name: str) -> None:
    book = load_runbooks()[name]
    lines = tree_lines(book)

    assert [line.step.id for line in lines if not line.again] == list(
        dict.fromkeys(line.step.id for line in lines)
    )
    assert {line.step.id for line in lines} == {step.id for step in book.steps}
    ways = sum(len(step.then) + bool(step.go) for step in book.steps)
    assert len(lines) == ways + 1
    for step in book.steps:
        assert f"[{step.id}] {step.title}"[:30] in tree_text(book, 200)
        assert f"(`{step.id}`)" in tree_markdown(book)


@pytest.mark.parametrize("width", [40, 80])
def test_a_drawing_keeps_to_the_width(width: int) -> None:
    for book in load_runbooks().values():
        assert max(len(line) for line in tree_text(book, width).splitlines()) <= width + 20
