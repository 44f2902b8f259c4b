"""`runbook run`: execute a runbook on targets and write the documents of its incident."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.repeat import Schedule
from diagnostics.cli.runbook_progress import RunbookProgress
from diagnostics.cli.runbook_questions import QuestionAnswerer
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import Terminated, printable
from diagnostics.run.examination import Interrupted
from diagnostics.run.knowledge import catalogue_of
from diagnostics.runbooks.executor import Execution, execute
from diagnostics.runbooks.incident_report import human, json_text, markdown
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.log_folder import create_log, write_documents
from diagnostics.runbooks.lookup import probes_of, require_answers, runbook_named, runbooks_of
from diagnostics.runbooks.resume import log_to_resume, login_name, resume_command, resume_log
from diagnostics.terminal import replace_progress, terminal_of, write_stdout
from kb.runbook_model.model import Runbook


def run_runbook(options: argparse.Namespace) -> int:
    """Execute the runbook, write its incident log, print the incident and return its exit code."""
    catalogue = catalogue_of(kb_folders(options))
    runbook = runbook_named(options.name, runbooks_of(kb_folders(options), catalogue))
    answers = require_answers(runbook, options.answers)
    earlier = log_to_resume(options, runbook)
    with earlier or nullcontext():
        return _run(options, catalogue, runbook, answers, earlier)


def _run(
    options: argparse.Namespace,
    catalogue: Catalogue,
    runbook: Runbook,
    answers: Sequence[tuple[str, str]],
    earlier: IncidentLog | None,
) -> int:
    targets = targets_of(options)
    used = {name for step in runbook.steps for name in probes_of(step, catalogue)}
    examination = examination_of(
        options, catalogue, targets, [name for name in catalogue.probes if name in used]
    )
    if options.plan:
        return show_plan(examination, options, Schedule())
    with (
        resume_log(earlier, runbook, targets)
        if earlier
        else create_log(runbook, examination, options.log) as log
    ):
        resume_with = resume_command(examination, runbook, log)
        display = RunbookProgress(runbook, enabled=sys.stderr.isatty() and not options.quiet)
        execution = Execution(
            runbook=runbook,
            examination=examination,
            tasks=lambda probes: examination.with_probes(probes).tasks,
            who=login_name(),
            ask=QuestionAnswerer(runbook.id, answers, resume_with),
            step_started=display.begins,
            step_done=display.done,
            observers=() if options.debug else (display.observe,),
        )
        return _execute(execution, log, options, resume_with)


def _execute(execution: Execution, log: IncidentLog, options: argparse.Namespace, resume_with: str) -> int:
    """Run the steps and return the exit code of the incident; its documents are written in any case.

    Raises NoAnswer after that. A signal ends the steps and is not raised: the incident has its exit code.
    """
    try:
        with suppress(Interrupted, KeyboardInterrupt, Terminated):
            execute(execution, log)
    finally:
        write_documents(log, execution.runbook)
    if not log.incident.end:
        replace_progress(f"clearpay-doctor: not ended; continue with: {resume_with}")
    if not options.quiet:
        write_stdout(_document(log, execution.runbook, options.format))
    return log.incident.exit_code


def _document(log: IncidentLog, runbook: Runbook, format_: str) -> str:
    match format_:
        case "json":
            return json_text(log.incident)
        case "markdown":
            return markdown(log.incident, runbook)
        case _:
            printed = sys.stdout.isatty() and sys.stderr.isatty()  # the steps, as progress
            text = human(log.incident, runbook, terminal_of(sys.stdout), with_steps=not printed)
            return f"{text}\nincident log: {printable(str(log.path))}, and .md and .json beside it\n"
