"""What Triage shows of a case besides its probes: the text, the candidates, the last pane. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from diagnostics.engine.scheduler import Task
from diagnostics.report.model import Diagnosis
from kb.records.skeleton import draft
from tui.entry.lines import code_lines, diagnosis_lines, fix_lines, live
from tui.shared.state import State
from tui.style.theme import LONGEST_STATE, Symbols
from tui.triage.probe_lines import evidence_lines
from tui.triage.session import TriageSession
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

MOST_LINES: Final = 200
"""Lines of a text that its pane holds; `e` shows all of it in the editor."""
FIRST_STEPS: Final = (
    Line("Paste a traceback, log lines or a sentence anywhere on this screen, or press p.", "strong"),
    Line("What it shows is cleaned, secrets are masked, and nothing leaves this machine."),
    Line("Then R runs the probes that tell the candidates apart, f shows the fix, v verifies it."),
    Line("L breaks the lab, where one is used, and hands in what its application prints.", "dim"),
)
HINTS: Final = {
    "confirmed": "f shows the fix, y copies it, v verifies it.",
    "past": "It happened, and is not happening now: f shows the fix, E writes the report.",
}


def text_lines(case: TriageSession) -> list[Line]:
    """The text, or the entry that was chosen."""
    if case.chosen:
        return [Line(f"{case.chosen}: {case.entry(case.chosen).title}")]
    if not case.text.text:
        return [Line("nothing yet", "dim")]
    lines = [line for line in case.text.lines if line.strip()]
    first = next((match.line for match in case.matches if match.line), 0)
    telling = case.text.lines[first - 1] if first else lines[-1]
    rest = (lines[1:] if telling == lines[0] else lines)[:MOST_LINES]
    return [Line(telling, None, " ", "code"), *(Line(line, "dim", " ", "code") for line in rest)]


def candidate_row(case: TriageSession, symbols: Symbols, number: int, entry: str) -> Row:
    """A candidate: number, verdict, id, the text's score and where the evidence moves it, why."""
    word, role = symbols.state(case.verdict(entry) if entry in case.candidates else "nearest")
    match = case.match(entry)
    why = " · ".join(match.why) if match else case.entry(entry).title
    way, shade = symbols.trend(_trend(case.diagnosis(entry)))
    return Row(
        entry,
        (
            Piece(f"{number} ", None, 3),
            Piece(word, role, LONGEST_STATE + 2),
            Piece(entry, None, max(map(len, case.offered)) + 2),
            Piece(f"{match.score:.2f}" if match else "    ", "dim"),
            Piece(f" {way} ", shade),
            Piece(why, None, -1),
        ),
    )


def _trend(diagnosis: Diagnosis | None) -> int:
    """Where the probes move a candidate: 1 up, -1 down, 0 where they said nothing for or against it."""
    if diagnosis is None:
        return 0
    if any(live(reason) for reason in diagnosis.for_):
        return 1
    return -1 if diagnosis.verdict in {"ruled_out", "past"} else 0


def detail_lines(
    case: TriageSession, state: State, about: str, candidate: str, task: Task | None
) -> Sequence[Line]:
    """The last pane."""
    if case.empty:
        return FIRST_STEPS
    if about == "probe" and task:
        return evidence_lines(case, state, task)
    if about == "fix" and candidate in case.established:
        return [*fix_lines(case.established[candidate]), *_ways(state)]
    if not case.candidates:
        return list(_no_match(case))
    return list(_candidate_lines(case, state, candidate))


def _ways(state: State) -> list[Line]:
    return [Line("This is the lab: L repairs it.", "dim")] if state.on_lab else []


def _candidate_lines(case: TriageSession, state: State, candidate: str) -> Sequence[Line]:
    diagnosis = case.diagnosis(candidate)
    if diagnosis is None:
        return [Line(case.entry(candidate).summary), Line(_what_next(case, candidate), "good")]
    hint = HINTS.get(diagnosis.verdict, "") if diagnosis.fix else _what_next(case, candidate)
    said = list(diagnosis_lines(diagnosis, state.symbols, case.match(candidate), hint))
    return [*said, *(Line(f"next     {one}", "dim", hang=9) for one in diagnosis.next)]


def _what_next(case: TriageSession, candidate: str) -> str:
    if case.state.target is None:
        return "T chooses what is examined; until then the text is all there is."
    if not case.said:
        return "R runs the probes that tell the candidates apart."
    held = [name for name in _held(case) if candidate in case.able(name)]
    return f"{held[0]} decides this. It is active: tab goes there, r asks." if held else ""


def _held(case: TriageSession) -> list[str]:
    """The active probes that have not run."""
    return [task.probe for task in case.planned if case.probe_state(task, waits=False) == "held"]


def _no_match(case: TriageSession) -> Iterator[Line]:
    yield Line("No known error matches this text.", "strong")
    if case.nearest:
        yield Line("Above is what comes nearest by single words, and probably not it: r runs its probes.")
    if any(case.probe_state(task, waits=False) == "new" for task in case.planned):
        yield Line("R runs every quiet probe on the target.", "good")
    elif held := _held(case):
        names = ", ".join(held)
        yield Line(f"The quiet probes have run. Held back: {names}; tab goes there, r asks.", "good")
    yield Line("If the error is new, this is a draft of its record; y copies it, E writes it:")
    yield from code_lines(draft(case.text.text))
