"""Rows and lines of a running runbook. Pure functions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from diagnostics.engine.events import Finding, Finished, Started, Step
from diagnostics.runbooks.incident import End
from diagnostics.runbooks.incident_report import ENDED
from diagnostics.terminal import Role
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import RunbookStep
from tui.entry.lines import fix_lines
from tui.runbook.worker import RunbookState, RunbookWorker
from tui.style.theme import STATE_COLUMNS, Symbols
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

OUTCOME_COLUMNS: Final = STATE_COLUMNS + 3
ID_COLUMNS: Final = 16


def step_rows(worker: RunbookWorker, symbols: Symbols) -> Iterator[Row]:
    """Yield a row for each step that is done, and one for the current step or the end."""
    now = worker.now
    for index, visit in enumerate(now.visits):
        outcome = _outcome_piece(visit, symbols)
        yield _row(index, visit.started[11:19], outcome, worker.runbook.step(visit.step))
    if not now.ended or now.end:
        word, role = symbols.state(_current_state(now))
        yield _row(len(now.visits), "", Piece(word, role, OUTCOME_COLUMNS), now.step)


def _row(index: int, time: str, outcome: Piece, step: RunbookStep) -> Row:
    pieces = (
        Piece(time, "dim", 10),
        outcome,
        Piece(f"{step.id} ", None, ID_COLUMNS),
        Piece(step.title, None, -1),
    )
    return Row(str(index), pieces)


def _outcome_piece(visit: StepRecord, symbols: Symbols) -> Piece:
    if visit.outcome:
        return Piece(*symbols.state(visit.outcome), OUTCOME_COLUMNS)
    return Piece(visit.answer or "done", None, OUTCOME_COLUMNS)


def _current_state(now: RunbookState) -> str:
    if now.step.ends:
        return now.step.kind
    return "asks" if now.choices else "running"


def step_lines(worker: RunbookWorker, index: int, symbols: Symbols) -> Iterator[Line]:
    """Yield the lines of the step with this index: a step that is done, the current one, or the end."""
    now = worker.now
    if index < len(now.visits):
        visit = now.visits[index]
        yield from _visit_lines(visit, worker.runbook.step(visit.step), symbols)
    elif now.end:
        yield from _end_lines(now.end, worker, symbols)
    elif not now.ended:
        yield from _current_lines(now, symbols)
    if now.ended and not now.end:
        yield from _stopped_lines(worker)


def _visit_lines(visit: StepRecord, step: RunbookStep, symbols: Symbols) -> Iterator[Line]:
    yield Line(f"{visit.started[11:19]} to {visit.ended[11:19]} UTC, {step.kind}, by {visit.who}", "dim")
    if step.ask or step.tell:
        yield Line(step.text)
    if visit.answer:
        yield Line(f"Answer: {visit.answer}", "strong")
    for diagnosis in visit.report.get("diagnoses", ()):
        if diagnosis["verdict"] == "confirmed":
            yield Line(f"{diagnosis['entry']}: {diagnosis['sentence']}", "strong")
    for result in visit.report.get("results", ()):
        yield _result_line(result, symbols)


def _result_line(result: Mapping[str, Any], symbols: Symbols) -> Line:
    word, role = symbols.state(result["outcome"])
    text = ", ".join(finding["code"] for finding in result["findings"]) or result["reason"]
    return _probe_line(word, result["probe"], text, role)


def _probe_line(word: str, probe: str, text: str, role: Role) -> Line:
    return Line(f"{word.ljust(STATE_COLUMNS)} {probe.ljust(12)} {text}", role, hang=STATE_COLUMNS + 14)


def _current_lines(now: RunbookState, symbols: Symbols) -> Iterator[Line]:
    if now.choices:
        yield Line(now.step.text)
        return
    yield Line(f"running {now.step.text}", "dim")
    for probe, (state, text) in _probe_states(now).items():
        word, role = symbols.state(state)
        yield _probe_line(word, probe, text, role)


def _probe_states(now: RunbookState) -> dict[str, tuple[str, str]]:
    """Return state and last text of each probe that has started."""
    states: dict[str, tuple[str, str]] = {}
    for event in now.events:
        probe = event.key.probe
        state, text = states.get(probe, ("running", ""))
        match event.body:
            case Started():
                states[probe] = ("running", "")
            case Step(name=name):
                states[probe] = (state, name)
            case Finding(code=code):
                states[probe] = (state, code)
            case Finished(outcome=outcome, reason=reason):
                states[probe] = (outcome, reason or text)
    return states


def _end_lines(end: End, worker: RunbookWorker, symbols: Symbols) -> Iterator[Line]:
    role = symbols.state(end.kind)[1]
    yield Line(f"{ENDED[end.kind]}: {end.title}", role)
    if end.kind != "fix":
        yield Line(end.text)
    yield Line(f"Incident log: {worker.log.path}, with .md and .json beside it.", "dim")
    for fix in end.fixes:
        yield Line()
        yield Line(fix.entry, "good")
        yield from fix_lines(fix)


def _stopped_lines(worker: RunbookWorker) -> Iterator[Line]:
    yield Line()
    yield Line(f"Not ended: {worker.now.stop_reason}.", "warn")
    yield Line("B resumes it, also in a later session; so does this command:", "dim")
    yield Line(worker.resume_command, None, "   ", "command")
