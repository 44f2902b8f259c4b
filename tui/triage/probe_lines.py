"""The row of a probe in Triage, the candidates that its result concerns, and its evidence. Pure functions."""

from collections.abc import Iterable, Sequence

from diagnostics.diagnosis.probe_ranking import contradicted_entries, supported_entries
from diagnostics.engine.events import Key
from diagnostics.engine.scheduler import Task
from diagnostics.report.model import Result
from diagnostics.terminal import Role
from tui.entry.lines import result_lines
from tui.shared.placeholders import values_of
from tui.style.theme import STATE_COLUMNS
from tui.triage.session import TriageSession, candidate_numbers
from tui.widgets.bar import Piece
from tui.widgets.pane import Line
from tui.widgets.rows import Row

NOT_STARTED = frozenset({"held", "new", "waiting"})
"""States of a probe that has not started."""
Effect = tuple[str, Role]
"""Text and role of what a probe means for the candidates, which are named by their numbers."""


def row_key(key: Key) -> str:
    """Return the key of a task as the key of a row."""
    return f"{key.probe} {key.target} {key.endpoint}"


def probe_row(session: TriageSession, task: Task, *, in_run: bool, marked: bool) -> Row:
    """Return the row of a probe: mark, state, name, duration, result, effect on the candidates."""
    symbols = session.state.symbols
    state = session.task_state(task, in_run=in_run)
    word, role = symbols.state(state)
    result = session.result(task.key)
    duration = f"{result.ms:.0f} ms" if result and result.ms else ""
    effect, shade = _effect(session, task)
    return Row(
        row_key(task.key),
        (
            Piece(symbols.mark if marked else " ", "warn", 2),
            Piece(word, role, STATE_COLUMNS + 1),
            Piece(task.probe, None, 12),
            Piece(duration.rjust(8), "dim", 10),
            Piece(_result_text(session, task, state), "dim" if state in NOT_STARTED else None, -1),
            Piece(f" {effect}", shade),
        ),
    )


def _result_text(session: TriageSession, task: Task, state: str) -> str:
    if state == "running":
        return session.last_step(task.key)
    if state == "held":
        return "active: r shows what it sends, and asks"
    result = session.result(task.key)
    if result and state not in NOT_STARTED:
        codes = ", ".join(finding.code for finding in result.findings)
        return codes or result.reason or _joined(_endpoint_suffix(session, task), "nothing found")
    return _endpoint_suffix(session, task) or _question(session, task)


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def _question(session: TriageSession, task: Task) -> str:
    return session.state.catalogue.probes[task.probe].QUESTION


def _endpoint_suffix(session: TriageSession, task: Task) -> str:
    """Return the last part of the endpoint's name; empty if the probe runs on one endpoint only."""
    endpoints = sum(other.probe == task.probe for other in session.tasks)
    return task.endpoint.name.rstrip("/").rpartition("/")[2] if endpoints > 1 else ""


def _effect(session: TriageSession, task: Task) -> Effect:
    result = session.result(task.key)
    if result is None or session.task_state(task) in NOT_STARTED:
        return _possible_effect(session, task.probe)
    return _actual_effect(session, result) or ("", "dim")


def _possible_effect(session: TriageSession, probe: str) -> Effect:
    candidates, catalogue = session.candidates, session.state.catalogue
    if tested := candidate_numbers(session.confirmable_by(probe), candidates):
        return f"tests {tested}", "warn"
    supported_by = [entry for entry in candidates if probe in catalogue.supporters_of(session.entry(entry))]
    if hints := candidate_numbers(supported_by, candidates):
        return f"may hint at {hints}", "dim"
    if dependents := _dependents(session, probe):
        return f"needed by {dependents}", "dim"
    return "tests look-alikes" if candidates else "", "dim"


def _dependents(session: TriageSession, probe: str) -> str:
    """Return the first probe of the session that needs or reads this one, and the number of others."""
    table = session.state.catalogue.probes
    names = [name for name in session.probes if probe in {*table[name].NEEDS, *table[name].READS}]
    return f"{names[0]}{f' +{len(names) - 1}' if names[1:] else ''}" if names else ""


def _actual_effect(session: TriageSession, result: Result) -> Effect | None:
    candidates, catalogue = session.candidates, session.state.catalogue
    if numbers := candidate_numbers(supported_entries(result, catalogue), candidates):
        return f"supports {numbers}", "warn"
    claims = (claim for finding in result.findings for claim in catalogue.supports.get(finding.code, ()))
    hinted = list(dict.fromkeys(claim.entry.id for claim in claims))
    if numbers := candidate_numbers(hinted, candidates):
        return f"hints at {numbers}", "warn"
    against = contradicted_entries(result, catalogue)
    ruled_out = [entry for entry in against if session.verdict(entry) == "ruled_out"]
    if numbers := candidate_numbers(ruled_out, candidates):
        return f"rules out {numbers}", "good"
    others = sum(session.is_green(entry) for entry in against if entry not in candidates)
    return (f"{others} other entr{'y' if others == 1 else 'ies'} green", "dim") if others else None


def evidence_lines(session: TriageSession, task: Task) -> Sequence[Line]:
    """Return the lines of a probe's result; before it has run, those of its description."""
    state = session.state
    result = session.result(task.key)
    if result and session.events.get(task.key):
        return list(result_lines(result, state.catalogue, values_of(state.target), state.symbols))
    return list(_description_lines(session, task))


def _description_lines(session: TriageSession, task: Task) -> Iterable[Line]:
    probe = session.state.catalogue.probes[task.probe]
    entries = ", ".join(session.confirmable_by(task.probe)) or "none of the candidates"
    yield Line(_question(session, task), "strong")
    yield Line(f"It can confirm {entries}.")
    yield Line(f"It sends: {probe.SENDS}")
    yield Line(f"It may take {probe.BUDGET:g} s. It needs {', '.join(probe.NEEDS) or 'no other probe'}.")
    if task.skip:
        yield Line(task.skip, "warn")
