"""Where logs of incidents are kept, and what stands beside each: the same for the command and the screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnostics.errors import UnreadableInput, UsageError, printable
from diagnostics.history.folder import runs_folder
from diagnostics.report.output_file import Destination
from diagnostics.run.examination import Examination, new_report
from diagnostics.runbooks.incident import Incident
from diagnostics.runbooks.incident_report import json_text, markdown
from diagnostics.runbooks.log import IncidentLog, read
from diagnostics.runbooks.resume import login_name
from kb.runbook_model.model import Runbook

SUFFIX = ".ndjson"
MOST_READ = 100
"""The newest logs among which those that have not ended are looked for."""


@dataclass(frozen=True, slots=True)
class Unended:
    """A run that stopped before its end, and may be gone on with."""

    path: Path
    incident: Incident


def new_log(runbook: Runbook, examination: Examination, named: str = "") -> IncidentLog:
    """The log of a run that begins, in the user's folder unless a file is named. Raises UsageError."""
    blank = new_report(examination)
    incident = Incident(
        tool_version=blank.tool_version,
        run_id=blank.run_id,
        runbook=runbook.id,
        title=runbook.title,
        targets=blank.targets,
        started=blank.started,
        who=login_name(),
    )
    if named:
        _require_room(Path(named))
    path = Path(named) if named else incidents_folder() / f"{runbook.id}-{blank.run_id}{SUFFIX}"
    return IncidentLog.begin(path, incident)


def write_beside(log: IncidentLog, runbook: Runbook) -> None:
    """The documents of an incident, beside its log."""
    page, data = _beside(log.path)
    Destination(page, "markdown").write(markdown(log.incident, runbook))
    Destination(data, "json").write(json_text(log.incident))


def _beside(log: Path) -> tuple[Path, Path]:
    stem = log.name.removesuffix(SUFFIX)
    return log.with_name(f"{stem}.md"), log.with_name(f"{stem}.json")


def _require_room(log: Path) -> None:
    """A new log replaces nothing that a person wrote beside it. Raises UsageError."""
    if log.exists():
        return  # which is said better where the log is opened
    for path in _beside(log):
        if path.exists():
            beside = printable(path.name)
            raise UsageError(f"--log {printable(str(log))}: {beside} exists beside it; name another file")


def incidents_folder() -> Path:
    """Where logs are kept that no option names: beside the history of runs. Raises UsageError."""
    try:
        return runs_folder().with_name("incidents")
    except OSError as error:
        raise UsageError(f"{error.strerror}; name a file with --log") from None


def unended() -> Iterator[Unended]:
    """The runs of this user that have not ended, newest first. What cannot be read is passed over."""
    for path in _newest(incidents_folder()):
        try:
            incident, _ = read(path)
        except UnreadableInput:
            continue
        if not incident.end:
            yield Unended(path, incident)


def _newest(folder: Path) -> list[Path]:
    """By the time of the last line; a log that another process removes meanwhile is no error."""
    times = {}
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            times[path] = path.stat().st_mtime_ns
        except OSError:
            continue
    return sorted(times, key=lambda path: times[path], reverse=True)[:MOST_READ]
