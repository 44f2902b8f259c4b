"""Resumption of an interrupted runbook from its log."""

import argparse
import os
import pwd
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from diagnostics.errors import UnreadableInput, UsageError, printable
from diagnostics.run.examination import Examination, now
from diagnostics.runbooks.incident import Break, Incident
from diagnostics.runbooks.log import IncidentLog
from diagnostics.targets.command_line.target_command import target_options
from diagnostics.targets.target import Target
from kb.runbook_model.advance import RunbookMismatch, advance
from kb.runbook_model.model import Runbook
from kb.text.quoting import shell_quoted

UNNAMED = frozenset({"DATABASE_URL", "environment"})
"""Names of targets that came from the environment and not from an option."""


def log_to_resume(options: argparse.Namespace, runbook: Runbook) -> IncidentLog | None:
    """Return the log of `--resume`, None without the option.

    Without `--target`, `options.targets` becomes the targets of the log. Raises UsageError, UnreadableInput.
    """
    if not options.resume:
        return None
    if options.log:
        raise UsageError("--log: not allowed with --resume, which appends to the same file")
    with ExitStack() as stack:
        log = stack.enter_context(_opened(options.resume))
        _require_open(log, runbook)
        stack.pop_all()
    if not options.targets:
        options.targets = [name for name in log.incident.targets if _is_name(name)]
    return log


def _opened(name: str) -> IncidentLog:
    try:
        return IncidentLog.resume(Path(name))
    except UnreadableInput as error:
        raise UnreadableInput(f"--resume {error}") from None


def _require_open(log: IncidentLog, runbook: Runbook) -> None:
    """Raise UsageError if the log is of another runbook or has ended."""
    name, incident = printable(str(log.path)), log.incident
    if incident.runbook != runbook.id:
        raise UsageError(f"--resume {name}: is a log of {incident.runbook}, not of {runbook.id}")
    if incident.end:
        raise UsageError(f"--resume {name}: has ended, at {incident.end.step}; begin a new run without it")


def resume_log(log: IncidentLog, runbook: Runbook, targets: Sequence[Target]) -> IncidentLog:
    """Record the resumption in the log and return it. Raises UsageError if targets or steps do not fit."""
    names = log.incident.targets
    if tuple(target.name for target in targets) != names:
        raise UsageError(f"--resume {log.path}: is about {', '.join(names)}; name it with --target")
    log.record_interruption(
        Break(at=now(), what="resumed", step=_next_step(log.incident, runbook, log.path), who=login_name())
    )
    return log


def resume_command(examination: Examination, runbook: Runbook, log: IncidentLog) -> str:
    """Return the command that resumes a log with the same targets, settings and entries."""
    path = shell_quoted(str(log.path.absolute()))
    words = ["clearpay-doctor runbook run", shell_quoted(runbook.id), "--resume", path]
    words += ["--active"] if examination.active else []
    words += ["--force-production"] if examination.forced else []
    words.append(target_options(examination.targets, examination.kb))
    return " ".join(word for word in words if word)


def login_name() -> str:
    """Return the login name of the process's user, its number if it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _next_step(incident: Incident, runbook: Runbook, path: Path) -> str:
    try:
        return advance(runbook, incident.visits).id
    except RunbookMismatch as error:
        raise UsageError(f"--resume {path}: no longer fits the runbook: {error}") from None


def _is_name(name: str) -> bool:
    """Return True if `name` finds the target again: an address in a log lacks password and options."""
    return "://" not in name and name not in UNNAMED
