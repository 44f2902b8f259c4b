"""A whole run, from tasks to a report: the path that check, diagnose, verify, runbooks and the TUI share."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.scope import Scope
from diagnostics.diagnosis.verdicts import diagnose
from diagnostics.engine.deadline import DEFAULT_RUN_S
from diagnostics.engine.events import Event
from diagnostics.engine.scheduler import Run, Task
from diagnostics.errors import Terminated
from diagnostics.exit_codes import ExitCode
from diagnostics.redaction import Redactor
from diagnostics.report.model import Report, fold
from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import endpoints_without_probe, tasks
from diagnostics.targets.command_line.target_command import TargetCommand
from diagnostics.targets.target import Target
from diagnostics.targets.validation import literal_secrets, password_in, written_secrets
from diagnostics.version import __version__
from kb.text.commands import TARGET_OPTIONS

if TYPE_CHECKING:
    from kb.matching.matcher import Match

DEADLINE_S = DEFAULT_RUN_S
SECRET_KINDS = {"secrets.api_key": "api key", "secrets.token": "token", "webhook.secret": "webhook secret"}
"""Names for literal secrets in reports, by key path; other keys hold a password."""
Observer = Callable[[Event], None]


class Interrupted(BaseException):
    """The end of a run by a signal, with the report so far and the exit code."""

    def __init__(self, report: Report, code: int) -> None:
        super().__init__("interrupted")
        self.report, self.code = report, code


@dataclass(frozen=True, slots=True)
class Examination:
    """Targets, the tasks to run on them, and the conditions of the run."""

    catalogue: Catalogue
    targets: tuple[Target, ...] = ()
    tasks: tuple[Task, ...] = ()
    matches: tuple["Match", ...] = ()
    """Matches of the text that is diagnosed, best first."""
    has_text: bool = False
    """True if a text is diagnosed; without a match, the report says so."""
    active: bool = False
    """Active probes may run, on targets that are not production."""
    forced: bool = False
    """Beside `active`: they may run on production too."""
    deadline_s: float = DEADLINE_S
    redactor: Redactor = field(default_factory=Redactor)
    rejected: set[bytes] = field(default_factory=set)
    """Digests of rejected credentials; repeated runs share them, so that none is tried twice."""
    listeners: tuple[Observer, ...] = ()
    """Callbacks for every event, called before those that are passed to `examine`."""
    selected: tuple[str, ...] = ()
    """Probes that the command named; the report gives the reasons why these were skipped."""
    kb: tuple[str, ...] = ()
    """Folders of a team's own entries, for the commands of the report."""

    def with_probes(self, probes: Sequence[str]) -> Self:
        """Return this examination with a task for each of the probes and each endpoint that it applies to.

        The copy shares the redactor and the rejected credentials.
        """
        planned = tasks(
            self.targets, probes, self.catalogue, active=self.active, forced=self.forced, kb=self.kb
        )
        return replace(self, tasks=tuple(planned))


def examine(
    examination: Examination, observers: Sequence[Observer] = (), blank: Report | None = None
) -> Report:
    """Run the tasks, pass each event to the observers, and return the report with its diagnoses.

    The report has the id and the start time of `blank` where one is given. Raises Interrupted, with the
    report so far.
    """
    blank = blank or new_report(examination)
    run = create_run(examination)
    observers = [*examination.listeners, *observers]
    events: list[Event] = []
    try:
        _collect(run, events, observers)
        return build_report(examination, blank, events)
    except (KeyboardInterrupt, Terminated) as signal:
        _collect(
            run.stop("terminated" if isinstance(signal, Terminated) else "interrupted"), events, observers
        )
        raise interruption(signal, build_report(examination, blank, events)) from None


def create_run(examination: Examination) -> Run:
    """Return the run of an examination, for callers that iterate over its events or cancel tasks."""
    _learn_literals(examination)
    return Run(
        examination.tasks,
        examination.catalogue.probes,
        redactor=examination.redactor,
        deadline_s=examination.deadline_s,
        rejected=examination.rejected,
        holes={match.entry: match.holes for match in examination.matches},
    )


def interruption(signal: BaseException, report: Report) -> Interrupted:
    """Return the exception that carries the report so far, with the exit code for the signal."""
    code = ExitCode.TERMINATED if isinstance(signal, Terminated) else ExitCode.INTERRUPTED
    return Interrupted(replace(report, exit_code=int(code)), code)


def new_report(examination: Examination) -> Report:
    """Return a report without results: version, a new run id, start time and target names."""
    return Report(
        tool_version=__version__,
        run_id=f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.urandom(3).hex()}",
        started=now(),
        targets=tuple(target.name for target in examination.targets),
        target_file=next((target.file.name for target in examination.targets if target.file), ""),
        selected=examination.selected,
        text_matched=bool(examination.matches) if examination.has_text else None,
    )


def now() -> str:
    """Return the current time as reports write it: UTC, ISO 8601, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


def masked_values(target: Target, redactor: Redactor, kb: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the values of placeholders without secrets.

    An address may contain a password, and a configured command a token. The options that name the target have
    variables of the shell in the place of secrets.
    """
    values = placeholder_values(target, kb)
    options = values.pop(TARGET_OPTIONS, "")
    return {**{name: redactor(value) for name, value in values.items()}, TARGET_OPTIONS: options}


def build_report(examination: Examination, report: Report, events: Iterable[Event]) -> Report:
    """Return the report with results in task order and diagnoses; events may still be coming."""
    order = {task.key: position for position, task in enumerate(examination.tasks)}
    results = tuple(sorted(fold(events), key=lambda result: order[result.key]))
    scopes = [
        Scope(
            target.name,
            tuple(result for result in results if result.key.target == target.name),
            masked_values(target, examination.redactor, examination.kb),
            target.settings.site_url,
            TargetCommand(target, examination.kb),
            examination.active,
            frozenset(
                task.probe
                for task in examination.tasks
                if task.inapplicable and task.target.name == target.name
            ),
        )
        for target in examination.targets
    ]
    scopes = scopes or [Scope("", (), {})]
    diagnoses = diagnose(examination.matches, scopes, examination.catalogue)
    return replace(report, results=results, diagnoses=diagnoses, notes=tuple(_notes(examination)))


def _learn_literals(examination: Examination) -> None:
    """Register secrets in settings and addresses before any probe runs: a server may repeat them."""
    for target in examination.targets:
        for key, secret in literal_secrets(target).items():
            examination.redactor.learn(secret, SECRET_KINDS.get(key, "password"))
        for point in target.endpoints:
            examination.redactor.learn(password_in(point.url), "password")


def _notes(examination: Examination) -> list[str]:
    notes = [
        f"target.{target.name}.{key}: a secret is stored in the target file itself; use a reference instead"
        for target in examination.targets
        for key in written_secrets(target)
    ]
    files = {target.file.path: target.file for target in examination.targets if target.file}
    notes += [note for file in files.values() for note in file.notes]
    notes += [
        f"{point.name}: no selected probe applies to endpoints of kind {point.kind}"
        for point in endpoints_without_probe(examination.targets, examination.tasks)
    ]
    if examination.redactor.masked:
        notes.append(f"{examination.redactor.masked} known secret(s) masked")
    return notes


def _collect(source: Iterable[Event], events: list[Event], observers: Sequence[Observer]) -> None:
    for event in source:
        events.append(event)
        for observe in observers:
            observe(event)
