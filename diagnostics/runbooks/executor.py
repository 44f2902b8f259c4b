"""Execution of a runbook on live targets: each step as the commands do it, logged before the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import check_code, verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.engine.scheduler import Task
from diagnostics.errors import Terminated, UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats.json import document
from diagnostics.report.model import Report, roll_up
from diagnostics.run.examination import Examination, Interrupted, Observer, examine, now
from diagnostics.run.selection import entry_named
from diagnostics.runbooks.incident import Break, End, exit_code_of
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.lookup import probes_of
from diagnostics.runbooks.outcome import fixes_of
from kb.runbook_model.advance import StepRecord, advance
from kb.runbook_model.model import Runbook, RunbookStep, StepOutcome


class NoAnswer(UsageError):
    """A question without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Chosen answer and its source: `terminal` or `--answer`."""

    value: str
    by: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A runbook with its targets, and the functions that reach a person."""

    runbook: Runbook
    examination: Examination
    """Examination that a `check` or `verify` step starts from; the step replaces its tasks."""
    tasks: Callable[[Sequence[str]], Sequence[Task]]
    """Return the tasks of the named probes on the targets."""
    who: str
    """Login name of the person, for the log."""
    ask: Callable[[RunbookStep], Answer]
    """Ask the question of a step and return the answer. Raises NoAnswer."""
    step_started: Callable[[RunbookStep], None]
    """Called with each step before it is done."""
    step_done: Callable[[StepRecord], None]
    """Called with the record of each step after it was done."""
    observers: tuple[Observer, ...] = ()
    run_tasks: Callable[[Examination, Sequence[Observer]], Report] = examine
    """Run the tasks of a `check` or `verify` step. Raises Interrupted with the report so far."""

    @property
    def catalogue(self) -> Catalogue:
        """Entries and probes."""
        return self.examination.catalogue


def execute(plan: Execution, log: IncidentLog) -> None:
    """Execute the steps after those of the log, up to an end.

    NoAnswer, Interrupted, KeyboardInterrupt and Terminated are recorded in the log and raised again. Raises
    RunbookMismatch if the log does not fit the runbook.
    """
    step = advance(plan.runbook, log.incident.visits)
    try:
        while not step.ends:
            record = perform(plan, step)
            log.record_step(record)
            plan.step_done(record)
            step = advance(plan.runbook, log.incident.visits)
    except (NoAnswer, Interrupted, KeyboardInterrupt, Terminated) as stop:
        report = document(stop.report) if isinstance(stop, Interrupted) else {}
        log.record_interruption(
            Break(at=now(), what=_interruption(stop), step=step.id, who=plan.who, report=report)
        )
        raise
    plan.step_started(step)
    log.record_end(end_of(plan, step, log.incident.visits))


def perform(plan: Execution, step: RunbookStep) -> StepRecord:
    """Do one step that is not an end and return its record.

    Raises NoAnswer, and Interrupted, KeyboardInterrupt or Terminated on a signal.
    """
    plan.step_started(step)
    started = now()
    record = StepRecord(step=step.id, started=started, ended=started, who=plan.who)
    if step.kind == "ask":
        answer = plan.ask(step)
        record = replace(record, answer=answer.value, answered_by=answer.by)
    elif step.kind in {"check", "verify"}:
        record = _with_report(plan, step, record)
    return replace(record, ended=now())


def _with_report(plan: Execution, step: RunbookStep, record: StepRecord) -> StepRecord:
    """Run the probes of the step and return its record with their report."""
    tasks = tuple(plan.tasks(probes_of(step, plan.catalogue)))
    report = plan.run_tasks(replace(plan.examination, tasks=tasks), plan.observers)
    if step.kind == "verify":
        entry = entry_named(step.verify, plan.catalogue)
        # A task may have a target that has been read again, as the lab's after a repair.
        targets = {target.name: target for target in plan.examination.targets}
        targets |= {task.target.name: task.target for task in tasks}
        verification = verification_of(report, entry, plan.catalogue, tuple(targets.values()))
        report = replace(report, verification=verification)
    report = replace(report, exit_code=int(_code(report)))
    codes = [finding.code for result in report.results for finding in result.findings]
    entries = [item.entry for item in report.diagnoses if item.verdict == "confirmed"]
    return replace(
        record,
        outcome=outcome_of(report),
        findings=tuple(dict.fromkeys(codes)),
        entries=tuple(dict.fromkeys(entries)),
        report=document(report),
    )


def outcome_of(report: Report) -> StepOutcome:
    """Return the outcome of a `check` or `verify` step: the roll-up, `skipped` if all probes are skipped."""
    if all(result.outcome == "skipped" for result in report.results):
        return "skipped"
    if report.verification:
        return VERIFICATION[verify_code(report.verification)]
    outcome = roll_up(report.results)
    return "unknown" if outcome == "skipped" or outcome == "blocked" else outcome  # noqa: PLR1714  mypy narrows so


def _code(report: Report) -> ExitCode:
    """Return the exit code that the command `check` or `verify` would end with."""
    return verify_code(report.verification) if report.verification else check_code(report)


VERIFICATION: dict[ExitCode, StepOutcome] = {
    ExitCode.OK: "pass",
    ExitCode.STILL_FAILING: "fail",
    ExitCode.UNDETERMINED: "unknown",
}


def end_of(plan: Execution, step: RunbookStep, visits: Sequence[StepRecord]) -> End:
    """Return the end of the incident for an end step, after the steps of `visits`."""
    return End(
        at=now(),
        step=step.id,
        title=step.title,
        kind=step.kind,
        text=step.text,
        exit_code=int(exit_code_of(step.kind, visits)),
        fixes=fixes_of(step, visits, plan.catalogue, plan.examination.targets, plan.examination.kb),
    )


def _interruption(stop: BaseException) -> Literal["interrupted", "terminated", "no answer"]:
    match stop:
        case NoAnswer():
            return "no answer"
        case Terminated():
            return "terminated"
        case Interrupted() if stop.code == ExitCode.TERMINATED:
            return "terminated"
        case _:
            return "interrupted"
