"""Walks a runbook on live targets, each step by the path of the command line, each kept before the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import check_code, verify_code
from diagnostics.engine.scheduler import Task
from diagnostics.errors import Terminated, UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats.json import document
from diagnostics.report.model import Report, roll_up
from diagnostics.run.examination import Examination, Interrupted, Observer, examine, now
from diagnostics.run.selection import entry_named
from diagnostics.runbooks.incident import Break, End, ended_code
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.lookup import probes_of
from diagnostics.runbooks.outcome import fixes_of
from kb.runbook_model.advance import StepRecord, advance
from kb.runbook_model.model import Runbook, RunbookStep, StepOutcome


class NoAnswer(UsageError):
    """A question that nobody answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was chosen, and by which way it came: `terminal` or `--answer`."""

    value: str
    by: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A runbook on its targets, with the way to a person."""

    runbook: Runbook
    examination: Examination
    """What a step that looks starts from; it brings its own tasks."""
    tasks: Callable[[Sequence[str]], Sequence[Task]]
    """The tasks of some probes on the targets."""
    who: str
    ask: Callable[[RunbookStep], Answer]
    """Answers a question. Raises NoAnswer."""
    begins: Callable[[RunbookStep], None]
    """Hears of each step before it is done."""
    done: Callable[[StepRecord], None]
    """Hears of each step after it was done."""
    observers: tuple[Observer, ...] = ()
    look: Callable[[Examination, Sequence[Observer]], Report] = examine
    """Runs the tasks of a step that looks. Raises Interrupted, with the report so far."""

    @property
    def catalogue(self) -> Catalogue:
        """Records and probes."""
        return self.examination.catalogue


def walk(plan: Execution, log: IncidentLog) -> None:
    """Go on from where the log stands until an end. What stops the walk stands in the log and is raised on.

    Raises NoAnswer, Interrupted, KeyboardInterrupt, Terminated and OffTheRunbook.
    """
    step = advance(plan.runbook, log.incident.visits)
    try:
        while not step.ends:
            visit = perform(plan, step)
            log.record_step(visit)
            plan.done(visit)
            step = advance(plan.runbook, log.incident.visits)
    except (NoAnswer, Interrupted, KeyboardInterrupt, Terminated) as stop:
        seen = document(stop.report) if isinstance(stop, Interrupted) else {}
        log.record_interruption(Break(at=now(), what=_why(stop), step=step.id, who=plan.who, report=seen))
        raise
    plan.begins(step)
    log.record_end(end_of(plan, step, log.incident.visits))


def perform(plan: Execution, step: RunbookStep) -> StepRecord:
    """Do one step that is no end. Raises NoAnswer, and what a signal raises."""
    plan.begins(step)
    started = now()
    visit = StepRecord(step=step.id, started=started, ended=started, who=plan.who)
    if step.kind == "ask":
        answer = plan.ask(step)
        visit = replace(visit, answer=answer.value, answered_by=answer.by)
    elif step.kind in {"check", "verify"}:
        visit = _looked(plan, step, visit)
    return replace(visit, ended=now())


def _looked(plan: Execution, step: RunbookStep, visit: StepRecord) -> StepRecord:
    tasks = tuple(plan.tasks(probes_of(step, plan.catalogue)))
    report = plan.look(replace(plan.examination, tasks=tasks), plan.observers)
    report = replace(report, exit_code=int(_code(step, report, plan.catalogue)))
    codes = [finding.code for result in report.results for finding in result.findings]
    roots = [one.entry for one in report.diagnoses if one.verdict == "confirmed"]
    return replace(
        visit,
        outcome=outcome_of(step, report, plan.catalogue),
        findings=tuple(dict.fromkeys(codes)),
        entries=tuple(dict.fromkeys(roots)),
        report=document(report),
    )


def outcome_of(step: RunbookStep, report: Report, catalogue: Catalogue) -> StepOutcome:
    """What a step that looked came to: the roll-up, `skipped` where nothing of it applies to the target."""
    if all(result.outcome == "skipped" for result in report.results):
        return "skipped"
    if step.kind == "verify":
        return VERIFICATION[_code(step, report, catalogue)]
    rolled = roll_up(report.results)
    return "unknown" if rolled == "skipped" or rolled == "blocked" else rolled  # noqa: PLR1714  mypy narrows so


def _code(step: RunbookStep, report: Report, catalogue: Catalogue) -> ExitCode:
    """The exit code that the command `check` or `verify` would end with."""
    if step.kind == "verify":
        return verify_code(report, entry_named(step.verify, catalogue), catalogue)
    return check_code(report)


VERIFICATION: dict[ExitCode, StepOutcome] = {
    ExitCode.OK: "pass",
    ExitCode.STILL_FAILING: "fail",
    ExitCode.UNDETERMINED: "unknown",
}


def end_of(plan: Execution, step: RunbookStep, visits: Sequence[StepRecord]) -> End:
    """What an end comes to after what happened."""
    return End(
        at=now(),
        step=step.id,
        title=step.title,
        kind=step.kind,
        text=step.text,
        exit_code=int(ended_code(step.kind, visits)),
        fixes=fixes_of(step, visits, plan.catalogue, plan.examination.targets),
    )


def _why(stop: BaseException) -> Literal["interrupted", "terminated", "no answer"]:
    match stop:
        case NoAnswer():
            return "no answer"
        case Terminated():
            return "terminated"
        case Interrupted() if stop.code == ExitCode.TERMINATED:
            return "terminated"
        case _:
            return "interrupted"
