"""What happened in a run of a runbook: the fold of the lines of its log, and the code that it earns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats.json import Make, diagnosis_data, diagnosis_of
from diagnostics.report.model import Diagnosis
from kb.records.dataclass_io import build, to_data
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import NO_ANSWER, Kind

SCHEMA_VERSION: Literal["1"] = "1"
"""Of the log and of the document. Within one, fields are added and none goes or changes its meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The run stopped before its end, or went on."""

    at: str
    """UTC, ISO 8601."""
    what: Literal["interrupted", "terminated", "no answer", "resumed"]
    step: str
    who: str
    after: int = 0
    """How many steps had been done by then."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """What the step had seen until it was interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How the runbook ended."""

    at: str
    step: str
    title: str
    kind: Kind
    text: str
    exit_code: int
    fixes: tuple[Diagnosis, ...] = ()
    """What is to be done, filled in for the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One run of a runbook, whole or so far."""

    tool_version: str
    run_id: str
    runbook: str
    title: str
    targets: tuple[str, ...]
    started: str
    """UTC, ISO 8601."""
    who: str
    """The login name of the person or account that began it."""
    visits: tuple[StepRecord, ...] = ()
    breaks: tuple[Break, ...] = ()
    end: End | None = None
    schema_version: Literal["1"] = SCHEMA_VERSION

    @property
    def exit_code(self) -> int:
        """The end's, else that of the last interruption."""
        if self.end:
            return self.end.exit_code
        codes = {"interrupted": ExitCode.INTERRUPTED, "terminated": ExitCode.TERMINATED}
        return (
            int(codes.get(self.breaks[-1].what, ExitCode.USAGE))
            if self.breaks
            else int(ExitCode.UNDETERMINED)
        )


def ended_code(kind: Kind, visits: Iterable[StepRecord]) -> ExitCode:
    """Which exit code an end earns; of a step that was done again, the last outcome counts."""
    outcomes = {visit.step: visit.outcome for visit in visits if visit.outcome}.values()
    if kind == "fix":
        return ExitCode.FOUND
    if outcomes and NO_ANSWER.union({"skipped"}).issuperset(outcomes):
        return ExitCode.UNDETERMINED
    if kind == "escalate":
        return ExitCode.FOUND
    return ExitCode.UNDETERMINED if NO_ANSWER.intersection(outcomes) else ExitCode.OK


def started_line(incident: Incident) -> dict[str, Any]:
    """The first line of a log."""
    data = to_data(incident)
    return {"event": "runbook_started", **{key: data[key] for key in data if key not in LATER}}


LATER = frozenset({"visits", "breaks", "end"})


def visit_line(visit: StepRecord) -> dict[str, Any]:
    """A step that was done."""
    return {"event": "step_done", **to_data(visit)}


def break_line(one: Break) -> dict[str, Any]:
    """The run stopped, or went on."""
    return {"event": "runbook_stopped" if one.what != "resumed" else "runbook_resumed", **to_data(one)}


def end_line(end: End) -> dict[str, Any]:
    """How it ended."""
    return {"event": "runbook_ended", **_end_data(end)}


def begun(line: Mapping[str, Any], make: Make = build) -> Incident:
    """The incident that the first line of a log tells. Raises what `make` raises where it tells none."""
    found: Incident = make(Incident, _without_event(line))
    return found


def with_line(incident: Incident, line: Mapping[str, Any], make: Make = build) -> Incident:
    """The incident, one line of its log later; `make` checks a line that someone else may have written.

    Raises LookupError, TypeError or what `make` raises where it tells nothing.
    """
    data = _without_event(line)
    match line["event"]:
        case "step_done":
            return replace(incident, visits=(*incident.visits, make(StepRecord, data)))
        case "runbook_ended":
            fixes = tuple(diagnosis_of(one, make) for one in data["fixes"])
            return replace(incident, end=replace(make(End, {**data, "fixes": []}), fixes=fixes))
        case _:
            return replace(incident, breaks=(*incident.breaks, make(Break, data)))


def _without_event(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "event"}


def document(incident: Incident) -> dict[str, Any]:
    """The incident as plain data: what `--format json` prints."""
    data: dict[str, Any] = to_data(replace(incident, end=None))
    end = _end_data(incident.end) if incident.end else None
    return {"schema_version": SCHEMA_VERSION, **data, "end": end, "exit_code": incident.exit_code}


def _end_data(end: End) -> dict[str, Any]:
    data: dict[str, Any] = to_data(replace(end, fixes=()))
    return {**data, "fixes": [diagnosis_data(one) for one in end.fixes]}
