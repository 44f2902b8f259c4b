"""What Triage shows of a probe: its row, for whom it speaks, and its evidence. Pure."""

from collections.abc import Iterable, Sequence

from diagnostics.diagnosis.probe_ranking import spoken_against, supported
from diagnostics.engine.events import Key
from diagnostics.engine.scheduler import Task
from diagnostics.report.model import Result
from diagnostics.terminal import Role
from tui.entry.lines import result_lines
from tui.shared.placeholders import values_of
from tui.shared.state import State
from tui.style.theme import LONGEST_STATE, Symbols
from tui.triage.session import TriageSession, numbers
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

QUIET = frozenset({"held", "new", "waiting"})
"""States in which a probe has said nothing yet."""


def row_key(key: Key) -> str:
    """A result's key as the key of a row."""
    return f"{key.probe} {key.target} {key.endpoint}"


def probe_row(case: TriageSession, symbols: Symbols, task: Task, *, waits: bool, marked: bool) -> Row:
    """A probe: mark, state, name, time, what it says, for whom it speaks."""
    state = case.probe_state(task, waits=waits)
    word, role = symbols.state(state)
    result = case.result(task.key)
    took = f"{result.ms:.0f} ms" if result and result.ms else ""
    effect, shade = _effect(case, task)
    return Row(
        row_key(task.key),
        (
            Piece(symbols.mark if marked else " ", "warn", 2),
            Piece(word, role, LONGEST_STATE + 1),
            Piece(task.probe, None, 12),
            Piece(took.rjust(8), "dim", 10),
            Piece(_says(case, task, state), "dim" if state in QUIET else None, -1),
            Piece(f" {effect}", shade),
        ),
    )


def _says(case: TriageSession, task: Task, state: str) -> str:
    if state == "running":
        return case.doing(task.key)
    if state == "held":
        return "active: r says what it sends, and asks"
    result = case.result(task.key)
    if result and state not in QUIET:
        codes = ", ".join(finding.code for finding in result.findings)
        return codes or result.reason or _joined(_place(case, task), "nothing found")
    return _place(case, task) or _question(case, task)


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def _question(case: TriageSession, task: Task) -> str:
    return case.state.catalogue.probes[task.probe].QUESTION


def _place(case: TriageSession, task: Task) -> str:
    """The end of the endpoint's name, where the probe is asked of several."""
    asked = sum(other.probe == task.probe for other in case.planned)
    return task.endpoint.name.rstrip("/").rpartition("/")[2] if asked > 1 else ""


def _effect(case: TriageSession, task: Task) -> tuple[str, Role]:
    """For whom a probe speaks; before it ran, whom it can confirm. A number is a candidate's."""
    result = case.result(task.key)
    if result is None or case.probe_state(task, waits=False) in QUIET:
        return _able(case, task.probe)
    return _spoken(case, result) or ("", "dim")


def _able(case: TriageSession, probe: str) -> tuple[str, Role]:
    candidates, catalogue = case.candidates, case.state.catalogue
    if tested := numbers(case.able(probe), candidates):
        return f"tests {tested}", "warn"
    hinted = (one for one in candidates if probe in catalogue.supporters_of(case.entry(one)))
    if hints := numbers(list(hinted), candidates):
        return f"may hint at {hints}", "dim"
    if after := _needing(case, probe):
        return f"needed by {after}", "dim"
    return "tests look-alikes" if candidates else "", "dim"


def _needing(case: TriageSession, probe: str) -> str:
    """The first planned probe that builds upon this one, and how many more do."""
    table = case.state.catalogue.probes
    after = [name for name in case.probes if probe in {*table[name].NEEDS, *table[name].READS}]
    return f"{after[0]}{f' +{len(after) - 1}' if after[1:] else ''}" if after else ""


def _spoken(case: TriageSession, result: Result) -> tuple[str, Role] | None:
    candidates, catalogue = case.candidates, case.state.catalogue
    if for_ := numbers(supported(result, catalogue), candidates):
        return f"supports {for_}", "warn"
    claims = (claim for one in result.findings for claim in catalogue.supports.get(one.code, ()))
    if hints := numbers(list(dict.fromkeys(claim.entry.id for claim in claims)), candidates):
        return f"hints at {hints}", "warn"
    against = spoken_against(result, catalogue)
    out = [entry for entry in against if case.verdict(entry) == "ruled_out"]
    if ruled := numbers(out, candidates):
        return f"rules out {ruled}", "good"
    others = sum(case.green(entry) for entry in against if entry not in candidates)
    return (f"rules out {others} other{'s' * (others != 1)}", "dim") if others else None


def evidence_lines(case: TriageSession, state: State, task: Task) -> Sequence[Line]:
    """What a probe saw; of one that has not run, what it asks and sends."""
    result = case.result(task.key)
    if result and case.said.get(task.key):
        return list(result_lines(result, state.catalogue, values_of(state.target), state.symbols))
    return list(_plan_lines(case, task))


def _plan_lines(case: TriageSession, task: Task) -> Iterable[Line]:
    probe = case.state.catalogue.probes[task.probe]
    able = ", ".join(case.able(task.probe)) or "none of the candidates"
    yield Line(_question(case, task), "strong")
    yield Line(f"It can confirm {able}.")
    yield Line(f"It sends: {probe.SENDS}")
    yield Line(f"It may take {probe.BUDGET:g} s. It needs {', '.join(probe.NEEDS) or 'no other probe'}.")
    if task.skip:
        yield Line(task.skip, "warn")
