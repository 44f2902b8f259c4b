"""Going on with a runbook that was interrupted: its log says where, and on which targets."""

import argparse
import os
import pwd
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from shlex import quote

from diagnostics.errors import UnreadableInput, UsageError, printable
from diagnostics.run.examination import now
from diagnostics.runbooks.incident import Break, Incident
from diagnostics.runbooks.log import IncidentLog
from diagnostics.targets.target import Target
from kb.runbook_model.advance import RunbookMismatch, advance
from kb.runbook_model.model import Runbook

UNNAMED = frozenset({"DATABASE_URL", "environment"})
"""What targets are called that no option named."""


def earlier_log(options: argparse.Namespace, runbook: Runbook) -> IncidentLog | None:
    """The log that is to be gone on with, if any. Targets that the options leave out are those of the log."""
    if not options.resume:
        return None
    if options.log:
        raise UsageError("--log: means nothing beside --resume, which goes on in the same file")
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
    """Raises UsageError where the log is another runbook's, or has nothing left to be done."""
    name, incident = printable(str(log.path)), log.incident
    if incident.runbook != runbook.id:
        raise UsageError(f"--resume {name}: is a log of {incident.runbook}, not of {runbook.id}")
    if incident.end:
        raise UsageError(f"--resume {name}: has ended, at {incident.end.step}; begin a new run without it")


def resumed(log: IncidentLog, runbook: Runbook, targets: Sequence[Target]) -> IncidentLog:
    """The log, which now says that its run goes on. Raises UsageError where it cannot."""
    about = log.incident.targets
    if tuple(target.name for target in targets) != about:
        raise UsageError(f"--resume {log.path}: was about {', '.join(about)}; name it with --target")
    log.record_interruption(
        Break(at=now(), what="resumed", step=_due(log.incident, runbook, log.path), who=login_name())
    )
    return log


def resuming(options: argparse.Namespace, runbook: Runbook, log: IncidentLog) -> str:
    """The command that goes on with a log. An address is to be filled in: the log keeps no password."""
    words = ["clearpay-doctor", "runbook", "run", runbook.id]
    words += ["--kb", options.kb] if options.kb else []
    words += ["--config", options.config] if options.config else []
    words += ["--active"] if options.active else []
    words += ["--force-production"] if options.force_production else []
    words += ["--resume", str(log.path)]
    addresses = sum(not _is_name(name) for name in log.incident.targets)
    return " ".join([*map(quote, words), *["--target ADDRESS"] * addresses])


def login_name() -> str:
    """The name of the account that runs this, its number where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _due(incident: Incident, runbook: Runbook, path: Path) -> str:
    try:
        return advance(runbook, incident.visits).id
    except RunbookMismatch as error:
        raise UsageError(f"--resume {path}: does not fit the runbook any more: {error}") from None


def _is_name(name: str) -> bool:
    """Whether a target's name is enough to find it again: an address is kept without password and options."""
    return "://" not in name and name not in UNNAMED
