"""Incident: state of a run of a runbook, folded from the lines of its log, and its exit code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats.json import Builder, diagnosis_data, diagnosis_of
from diagnostics.report.model import Diagnosis
from kb.records.dataclass_io import build, to_data
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import INCONCLUSIVE, Kind

SCHEMA_VERSION: Literal["1"] = "1"
"""Version of the log and of the JSON document. Within a version, fields may be added, not removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Interruption of the run, or its resumption."""

    at: str
    """UTC, ISO 8601."""
    what: Literal["interrupted", "terminated", "no answer", "resumed"]
    step: str
    who: str
    after: int = 0
    """Number of steps done before."""
    report: Mapping[str, Any] = field(default_factory=dict)
    """Report of the interrupted step up to then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """End of the runbook."""

    at: str
    step: str
    title: str
    kind: Kind
    text: str
    exit_code: int
    fixes: tuple[Diagnosis, ...] = ()
    """Diagnoses with the fixes to apply, placeholders filled in for the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One run of a runbook, ended or up to its last step."""

    tool_version: str
    run_id: str
    runbook: str
    title: str
    targets: tuple[str, ...]
    started: str
    """UTC, ISO 8601."""
    who: str
    """Login name of the person or account that started the run."""
    visits: tuple[StepRecord, ...] = ()
    breaks: tuple[Break, ...] = ()
    end: End | None = None
    schema_version: Literal["1"] = SCHEMA_VERSION

    @property
    def exit_code(self) -> int:
        """Exit code of the end, otherwise of the last interruption."""
        if self.end:
            return self.end.exit_code
        codes = {"interrupted": ExitCode.INTERRUPTED, "terminated": ExitCode.TERMINATED}
        return (
            int(codes.get(self.breaks[-1].what, ExitCode.USAGE))
            if self.breaks
            else int(ExitCode.UNDETERMINED)
        )


def exit_code_of(kind: Kind, visits: Iterable[StepRecord]) -> ExitCode:
    """Return the exit code of an end; of a repeated step, the last outcome counts."""
    outcomes = {visit.step: visit.outcome for visit in visits if visit.outcome}.values()
    if kind == "fix":
        return ExitCode.FOUND
    if outcomes and INCONCLUSIVE.union({"skipped"}).issuperset(outcomes):
        return ExitCode.UNDETERMINED
    if kind == "escalate":
        return ExitCode.FOUND
    return ExitCode.UNDETERMINED if INCONCLUSIVE.intersection(outcomes) else ExitCode.OK


def started_line(incident: Incident) -> dict[str, Any]:
    """Return the first line of a log."""
    data = to_data(incident)
    return {"event": "runbook_started", **{key: data[key] for key in data if key not in LATER}}


LATER = frozenset({"visits", "breaks", "end"})
"""Fields that later lines of the log add."""


def step_line(record: StepRecord) -> dict[str, Any]:
    """Return the line of a step that was done."""
    return {"event": "step_done", **to_data(record)}


def break_line(interruption: Break) -> dict[str, Any]:
    """Return the line of an interruption or a resumption."""
    name = "runbook_resumed" if interruption.what == "resumed" else "runbook_stopped"
    return {"event": name, **to_data(interruption)}


def end_line(end: End) -> dict[str, Any]:
    """Return the line of the end."""
    return {"event": "runbook_ended", **_end_data(end)}


def incident_of_start(line: Mapping[str, Any], make: Builder = build) -> Incident:
    """Return the incident of a log's first line; `make` builds it. Raises what `make` raises."""
    incident: Incident = make(Incident, _without_event(line))
    return incident


def with_line(incident: Incident, line: Mapping[str, Any], make: Builder = build) -> Incident:
    """Return the incident after one more line of its log.

    `make` builds the dataclasses: pass one that validates for lines from a file. Raises LookupError,
    TypeError or what `make` raises for a line that does not fit.
    """
    data = _without_event(line)
    match line["event"]:
        case "step_done":
            return replace(incident, visits=(*incident.visits, make(StepRecord, data)))
        case "runbook_ended":
            fixes = tuple(diagnosis_of(item, make) for item in data["fixes"])
            return replace(incident, end=replace(make(End, {**data, "fixes": []}), fixes=fixes))
        case _:
            return replace(incident, breaks=(*incident.breaks, make(Break, data)))


def _without_event(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "event"}


def document(incident: Incident) -> dict[str, Any]:
    """Return the incident as plain data, as `--format json` prints it."""
    data: dict[str, Any] = to_data(replace(incident, end=None))
    end = _end_data(incident.end) if incident.end else None
    return {"schema_version": SCHEMA_VERSION, **data, "end": end, "exit_code": incident.exit_code}


def _end_data(end: End) -> dict[str, Any]:
    data: dict[str, Any] = to_data(replace(end, fixes=()))
    return {**data, "fixes": [diagnosis_data(fix) for fix in end.fixes]}
