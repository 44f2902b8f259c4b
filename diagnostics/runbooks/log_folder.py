"""Folder of incident logs, and the documents beside each log."""

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
MAX_READ = 100
"""Newest logs that are searched for runs that have not ended."""


@dataclass(frozen=True, slots=True)
class UnendedRun:
    """A run that stopped before its end and can be resumed."""

    path: Path
    incident: Incident


def create_log(runbook: Runbook, examination: Examination, file: str = "") -> IncidentLog:
    """Create the log of a new run: `file`, by default one in the user's folder. Raises UsageError."""
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
    if file:
        _require_free(Path(file))
    path = Path(file) if file else incidents_folder() / f"{runbook.id}-{blank.run_id}{SUFFIX}"
    return IncidentLog.begin(path, incident)


def write_documents(log: IncidentLog, runbook: Runbook) -> None:
    """Write the Markdown page and the JSON document of an incident beside its log."""
    page, data = _document_paths(log.path)
    Destination(page, "markdown", private=True).write(markdown(log.incident, runbook))
    Destination(data, "json", private=True).write(json_text(log.incident))


def _document_paths(log: Path) -> tuple[Path, Path]:
    stem = log.name.removesuffix(SUFFIX)
    return log.with_name(f"{stem}.md"), log.with_name(f"{stem}.json")


def _require_free(log: Path) -> None:
    """Raise UsageError if a document of a new log would replace an existing file."""
    if log.exists():
        return  # opening it reports that
    for path in _document_paths(log):
        if path.exists():
            document = printable(path.name)
            raise UsageError(f"--log {printable(str(log))}: {document} exists beside it; name another file")


def incidents_folder() -> Path:
    """Return the default folder of logs, beside that of the history. Raises UsageError."""
    try:
        return runs_folder().with_name("incidents")
    except OSError as error:
        raise UsageError(f"{error.strerror}; name a file with --log") from None


def unended_runs() -> Iterator[UnendedRun]:
    """Yield the runs of this user that have not ended, newest first; unreadable logs are skipped."""
    for path in _newest(incidents_folder()):
        try:
            incident, _ = read(path)
        except UnreadableInput:
            continue
        if not incident.end:
            yield UnendedRun(path, incident)


def _newest(folder: Path) -> list[Path]:
    """Return the newest logs by modification time; one that another process removes is skipped."""
    times = {}
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            times[path] = path.stat().st_mtime_ns
        except OSError:
            continue
    return sorted(times, key=lambda path: times[path], reverse=True)[:MAX_READ]
