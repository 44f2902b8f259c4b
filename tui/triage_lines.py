"""What Triage shows of a case, as rows and lines. Pure."""

from collections.abc import Sequence
from typing import Final

from diagnostics.engine import Task
from diagnostics.telling import spoken_against, supported
from kb.skeleton import draft
from tui.case import Case, numbers
from tui.lines import code_lines, diagnosis_lines, fix_lines, result_lines
from tui.state import State
from tui.theme import LONGEST_STATE, Symbols
from tui.values import values_of
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


def text_lines(case: Case) -> list[Line]:
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


def candidate_row(case: Case, symbols: Symbols, number: int, entry: str) -> Row:
    """A candidate: number, verdict, id, score, why."""
    word, role = symbols.state(case.verdict(entry))
    match = case.match(entry)
    why = " · ".join(match.why) if match else case.entry(entry).title
    return Row(
        entry,
        (
            Piece(f"{number} ", None, 3),
            Piece(word, role, LONGEST_STATE + 2),
            Piece(entry, None, 27),
            Piece(f"{match.score:.2f}  " if match else "      ", "dim"),
            Piece(why, None, -1),
        ),
    )


def probe_row(case: Case, symbols: Symbols, task: Task, *, waits: bool, marked: bool) -> tuple[Piece, ...]:
    """A probe: mark, state, name, time, what it says, for whom it speaks."""
    state = case.probe_state(task, waits=waits)
    word, role = symbols.state(state)
    result = case.result(task.key)
    took = f"{result.ms:.0f} ms" if result and result.ms else ""
    effect = _effect(case, task)
    return (
        Piece(symbols.mark if marked else " ", "warn", 2),
        Piece(word, role, LONGEST_STATE + 1),
        Piece(task.probe, None, 12),
        Piece(took.rjust(8), "dim", 10),
        Piece(_says(case, task, state), "dim" if state in {"held", "new", "waiting"} else None, -1),
        Piece(f" {effect}", "good" if effect.startswith("rules") else "warn" if effect else None),
    )


def _says(case: Case, task: Task, state: str) -> str:
    if state == "running":
        return case.doing(task.key)
    if state == "held":
        return "active: r asks first, and says what it sends"
    result = case.result(task.key)
    if result and state not in {"new", "waiting"}:
        codes = ", ".join(finding.code for finding in result.findings)
        return codes or result.reason or _place(case, task)
    probe = case.state.catalogue.probes[task.probe]
    return _place(case, task) or (probe.__doc__ or "").strip().splitlines()[0]


def _place(case: Case, task: Task) -> str:
    """The end of the endpoint's name, where the probe is asked of several."""
    asked = sum(other.probe == task.probe for other in case.planned)
    return task.endpoint.name.rstrip("/").rpartition("/")[2] if asked > 1 else ""


def _effect(case: Case, task: Task) -> str:
    """For whom a probe speaks; before it ran, whom it can confirm."""
    candidates, catalogue = case.candidates, case.state.catalogue
    result = case.result(task.key)
    if result is None or not case.said.get(task.key):
        able = case.able(task.probe)
        return f"tests {numbers(able, candidates)}" if numbers(able, candidates) else ""
    if for_ := numbers(supported(result, catalogue), candidates):
        return f"supports {for_}"
    out = [entry for entry in spoken_against(result, catalogue) if case.verdict(entry) == "ruled_out"]
    return f"rules out {numbers(out, candidates)}" if numbers(out, candidates) else ""


def detail_lines(case: Case, state: State, about: str, candidate: str, task: Task | None) -> Sequence[Line]:
    """The last pane."""
    if case.empty:
        return FIRST_STEPS
    if about == "probe" and task:
        return _probe_lines(case, state, task)
    if not candidate:
        return _no_match(case)
    diagnosis = case.diagnosis(candidate)
    if about == "fix" and candidate in case.established:
        return list(fix_lines(case.established[candidate]))
    if diagnosis:
        hints = {
            "confirmed": "f shows the fix.",
            "past": "It happened, and is not happening now: f shows the fix.",
        }
        hint = hints.get(diagnosis.verdict, "") if diagnosis.fix else _what_next(case)
        said = list(diagnosis_lines(diagnosis, state.symbols, case.match(candidate)))
        return [
            *said,
            *([Line(hint, "good")] if hint else []),
            *(Line(f"next     {one}", "dim", hang=9) for one in diagnosis.next),
        ]
    return [Line(case.entry(candidate).summary), Line(_what_next(case), "good")]


def _what_next(case: Case) -> str:
    if case.state.target is None:
        return "T chooses what is examined; until then the text is all there is."
    return "" if case.said else "R runs the probes that tell the candidates apart."


def _probe_lines(case: Case, state: State, task: Task) -> list[Line]:
    result = case.result(task.key)
    if result and case.said.get(task.key):
        return list(result_lines(result, state.catalogue, values_of(state.target), state.symbols))
    probe = state.catalogue.probes[task.probe]
    question = " ".join((probe.__doc__ or "").strip().split("\n\n")[0].split())
    able = ", ".join(case.able(task.probe)) or "none of the candidates"
    lines = [
        Line(question, "strong"),
        Line(f"It can confirm {able}."),
        Line(f"It sends: {probe.SENDS}"),
        Line(f"It may take {probe.BUDGET:g} s. It needs {', '.join(probe.NEEDS) or 'no other probe'}."),
    ]
    return [*lines, Line(task.skip, "warn")] if task.skip else lines


def _no_match(case: Case) -> list[Line]:
    near = case.nearest()
    lines = [Line("No known error matches this text.", "strong")]
    if near:
        lines.append(Line("The nearest, by single words, and probably not it:"))
        lines += [Line(f"{one.entry}: {one.title} ({', '.join(one.why)})", indent="   ") for one in near]
    lines.append(
        Line("R runs every quiet probe on the target. If the error is new, this is a draft of its record;")
    )
    lines.append(Line("y copies it, E writes it:", "dim"))
    return [*lines, *code_lines(draft(case.text.text))]
