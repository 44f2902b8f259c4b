"""What the screen of a runbook shows, as rows and lines. Pure."""

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
from tui.style.theme import LONGEST_STATE, Symbols
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

CAME_COLUMNS: Final = LONGEST_STATE + 3
ID_COLUMNS: Final = 16


def way_rows(walker: RunbookWorker, symbols: Symbols) -> Iterator[Row]:
    """The steps that were done, and the one that is done now or ended it."""
    now = walker.now
    for place, visit in enumerate(now.visits):
        yield _row(place, visit.started[11:19], _came(visit, symbols), walker.runbook.step(visit.step))
    if not now.over or now.end:
        word, role = symbols.state(_state(now))
        yield _row(len(now.visits), "", Piece(word, role, CAME_COLUMNS), now.step)


def _row(place: int, time: str, came: Piece, step: RunbookStep) -> Row:
    pieces = (
        Piece(time, "dim", 10),
        came,
        Piece(f"{step.id} ", None, ID_COLUMNS),
        Piece(step.title, None, -1),
    )
    return Row(str(place), pieces)


def _came(visit: StepRecord, symbols: Symbols) -> Piece:
    if visit.outcome:
        return Piece(*symbols.state(visit.outcome), CAME_COLUMNS)
    return Piece(visit.answer or "told", None, CAME_COLUMNS)


def _state(now: RunbookState) -> str:
    if now.step.ends:
        return now.step.kind
    if now.asks:
        return "asks"
    return "running"


def step_lines(walker: RunbookWorker, place: int, symbols: Symbols) -> Iterator[Line]:
    """A step of the way: one that was done, or the one that is done now."""
    now = walker.now
    if place < len(now.visits):
        visit = now.visits[place]
        yield from _visit_lines(visit, walker.runbook.step(visit.step), symbols)
    elif now.end:
        yield from _end_lines(now.end, walker, symbols)
    elif not now.over:
        yield from _now_lines(now, symbols)
    if now.over and not now.end:
        yield from _stopped_lines(walker)


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
        yield _probe_line(result, symbols)


def _probe_line(result: Mapping[str, Any], symbols: Symbols) -> Line:
    word, role = symbols.state(result["outcome"])
    said = ", ".join(finding["code"] for finding in result["findings"]) or result["reason"]
    return _probe(word, result["probe"], said, role)


def _probe(word: str, probe: str, said: str, role: Role) -> Line:
    return Line(f"{word.ljust(LONGEST_STATE)} {probe.ljust(12)} {said}", role, hang=LONGEST_STATE + 14)


def _now_lines(now: RunbookState, symbols: Symbols) -> Iterator[Line]:
    if now.asks:
        yield Line(now.step.text)
        return
    yield Line(f"looks at {now.step.text}", "dim")
    for probe, (state, said) in _live(now).items():
        word, role = symbols.state(state)
        yield _probe(word, probe, said, role)


def _live(now: RunbookState) -> dict[str, tuple[str, str]]:
    """Each probe that began, its state and what it says last."""
    live: dict[str, tuple[str, str]] = {}
    for event in now.events:
        probe = event.key.probe
        state, said = live.get(probe, ("running", ""))
        match event.body:
            case Started():
                live[probe] = ("running", "")
            case Step(name=name):
                live[probe] = (state, name)
            case Finding(code=code):
                live[probe] = (state, code)
            case Finished(outcome=outcome, reason=reason):
                live[probe] = (outcome, reason or said)
    return live


def _end_lines(end: End, walker: RunbookWorker, symbols: Symbols) -> Iterator[Line]:
    role = symbols.state(end.kind)[1]
    yield Line(f"{ENDED[end.kind]}: {end.title}", role)
    if end.kind != "fix":
        yield Line(end.text)
    yield Line(f"The incident log: {walker.log.path}, with .md and .json beside it.", "dim")
    for fix in end.fixes:
        yield Line()
        yield Line(fix.entry, "good")
        yield from fix_lines(fix)


def _stopped_lines(walker: RunbookWorker) -> Iterator[Line]:
    yield Line()
    yield Line(f"Not ended: {walker.now.why}.", "warn")
    yield Line("B goes on with it, later too; so does, on the command line:", "dim")
    command = f"clearpay-doctor runbook run {walker.runbook.id} --resume {walker.log.path}"
    yield Line(command, None, "   ", "code")
