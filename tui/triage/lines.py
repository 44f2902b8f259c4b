"""Rows and lines of Triage, but for those of probes: text, candidates, details. Pure functions."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from diagnostics.engine.scheduler import Task
from diagnostics.report.model import UNMATCHED, Diagnosis
from tui.entry.lines import code_lines, diagnosis_lines, fix_lines, is_from_probe
from tui.style.theme import STATE_COLUMNS, Symbols
from tui.triage.hosts import other_hosts
from tui.triage.probe_lines import NOT_STARTED, evidence_lines
from tui.triage.session import TriageSession
from tui.triage.story_lines import story_lines
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

Detail = Literal["candidate", "probe", "fix"]
"""Subject of the pane of details."""
MAX_TEXT_LINES: Final = 200
"""Lines of a text in its pane; `e` opens the whole text in the editor."""
FIRST_STEPS: Final = (
    Line("Paste a traceback, log lines or a sentence anywhere on this screen, or press p.", "strong"),
    Line("The text is cleaned, secrets are masked, and nothing leaves this machine."),
    Line("Then R runs the probes that tell the candidates apart, f shows the fix, v verifies it."),
    Line("With a lab, L breaks it and diagnoses the output of its application.", "dim"),
)
HINTS: Final = {
    "confirmed": "f shows the fix, y copies it, v verifies it.",
    "fixed": "E writes the report.",
    "past": "It has happened, and is not happening now: f shows the fix, E writes the report.",
}


def text_lines(session: TriageSession) -> list[Line]:
    """Return the lines of the text, the matching one first, or of the chosen entry."""
    if session.chosen_entry:
        return [Line(f"{session.chosen_entry}: {session.entry(session.chosen_entry).title}")]
    if not session.text.text:
        return [Line("no text yet", "dim")]
    lines = [line for line in session.text.lines if line.strip()]
    number = next((match.line for match in session.matches if match.line), 0)
    matching = session.text.lines[number - 1] if number else lines[-1]
    rest = (lines[1:] if matching == lines[0] else lines)[:MAX_TEXT_LINES]
    return [Line(matching, None, " ", "code"), *(Line(line, "dim", " ", "code") for line in rest)]


def progress_text(session: TriageSession) -> str:
    """Return the number of finished, failed and running probes, without held ones; empty before a run."""
    states = [state for task in session.tasks if (state := session.task_state(task)) != "held"]
    done = sum(state not in NOT_STARTED and state != "running" for state in states)
    counts = [f"{states.count(state)} {state}" for state in ("fail", "running") if state in states]
    return " · ".join([f"{done} of {len(states)} done", *counts]) if done or counts else ""


def candidate_row(session: TriageSession, symbols: Symbols, number: int, entry: str) -> Row:
    """Return the row of a candidate: number, verdict, id, score of the text, trend by evidence, reason."""
    word, role = symbols.state(session.verdict(entry) if entry in session.candidates else "nearest")
    match = session.match(entry)
    reason = " · ".join(match.why) if match else session.entry(entry).title
    arrow, shade = symbols.trend(_trend(session.diagnosis(entry)))
    return Row(
        entry,
        (
            Piece(f"{number} ", None, 3),
            Piece(word, role, STATE_COLUMNS + 2),
            Piece(entry, None, max(map(len, session.listed_entries)) + 2),
            Piece(f"{match.score:.2f}" if match else "    ", "dim"),
            Piece(f" {arrow} ", shade),
            Piece(reason, None, -1),
        ),
    )


def _trend(diagnosis: Diagnosis | None) -> int:
    """Return 1 if probes speak for a candidate, -1 if they speak against it, else 0."""
    if diagnosis is None:
        return 0
    if any(is_from_probe(reason) for reason in diagnosis.for_):
        return 1
    return -1 if diagnosis.verdict in {"ruled_out", "past"} else 0


def detail_lines(session: TriageSession, detail: Detail, candidate: str, task: Task | None) -> Sequence[Line]:
    """Return the lines of the pane of details."""
    if session.is_empty:
        return FIRST_STEPS
    if detail == "probe" and task:
        return evidence_lines(session, task)
    if detail == "fix" and candidate in session.fixes:
        lab_hint = (
            [Line("This is the lab: L repairs it.", "dim")] if session.state.target_is_broken_lab else []
        )
        return [*fix_lines(session.fixes[candidate]), *lab_hint]
    if not session.candidates:
        return list(_no_match_lines(session))
    return list(_candidate_lines(session, candidate))


def _candidate_lines(session: TriageSession, candidate: str) -> Sequence[Line]:
    diagnosis = session.diagnosis(candidate)
    story = session.story if session.story and session.story.entry == candidate else None
    head = [*story_lines(session), Line()] if story else []
    if note := other_hosts(session.text.text, session.state.target):
        head.append(Line(note, "warn"))
    head += [Line(f"{UNMATCHED} The probes found this:", "strong")] if session.is_unmatched else []
    if diagnosis is None and story:
        return head
    if diagnosis is None:
        return [*head, Line(session.entry(candidate).summary), Line(_next_step(session, candidate), "good")]
    hint = HINTS.get(diagnosis.verdict, "") if diagnosis.fix else _next_step(session, candidate)
    hint = "" if story or session.running else hint
    lines = [*head, *diagnosis_lines(diagnosis, session.state.symbols, session.match(candidate), hint)]
    if session.running:
        return [*lines, *_open_lines(session)]
    commands = () if story else diagnosis.next
    return [*lines, *(Line(f"next     {command}", "dim", shape="command") for command in commands)]


def _open_lines(session: TriageSession) -> Iterator[Line]:
    """Yield the probes that have not answered while a run goes on."""
    names = dict.fromkeys(task.probe for task in session.tasks if session.task_state(task) == "running")
    if names:
        yield Line(f"not yet  {', '.join(names)}", "dim", hang=9)


def _next_step(session: TriageSession, candidate: str) -> str:
    if session.state.target is None:
        return "T chooses a target; without one, only the text is diagnosed."
    if not session.events:
        return "R runs the probes that tell the candidates apart."
    held = [probe for probe in _held_probes(session) if candidate in session.confirmable_by(probe)]
    return f"{held[0]} can confirm it and is active: tab moves to it, r asks and runs it." if held else ""


def _held_probes(session: TriageSession) -> list[str]:
    """Return the active probes that have not run."""
    return [task.probe for task in session.tasks if session.task_state(task) == "held"]


def _no_match_lines(session: TriageSession) -> Iterator[Line]:
    yield Line(UNMATCHED, "strong")
    if session.nearest:
        yield Line(
            "The entries above share single words with it and are probably wrong: r runs their probes."
        )
    if any(session.task_state(task) == "new" for task in session.tasks):
        yield Line("R runs all quiet probes on the target.", "good")
    elif held := _held_probes(session):
        names = ", ".join(held)
        yield Line(f"All quiet probes have run. Active: {names}; tab moves there, r asks and runs.", "good")
    yield Line("If the error is new, this is a draft of an entry for it; y copies it, E writes it:")
    yield from code_lines(session.draft_text)
