"""`runbook run`: from its options to a walk, and from the walk to the documents of an incident."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from diagnostics.complaints import Terminated
from diagnostics.engine import Task
from diagnostics.examine import Examination, Interrupted
from diagnostics.plan import show_plan
from diagnostics.rounds import Schedule
from diagnostics.runbooks.asking import Asking
from diagnostics.runbooks.folder import new_log, write_beside
from diagnostics.runbooks.incident import Incident
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.pages import human, json_text, markdown
from diagnostics.runbooks.resume import earlier_log, login_name, resumed
from diagnostics.runbooks.screen import Screen
from diagnostics.runbooks.shelf import probes_of, require_answers, runbook_named, runbooks_of
from diagnostics.runbooks.walk import Walk, walk
from diagnostics.selection import tasks
from diagnostics.session import catalogue_of, examination_of, targets_of
from diagnostics.terminal import encodable, terminal_of
from kb.runbook import Runbook

Planner = Callable[[Sequence[str]], Sequence[Task]]


def run_runbook(options: argparse.Namespace) -> int:
    """Walk the runbook, keep its log, print the incident, return its exit code."""
    catalogue = catalogue_of(options.kb)
    runbook = runbook_named(options.name, runbooks_of(options.kb, catalogue))
    answers = require_answers(runbook, options.answers)
    earlier = earlier_log(options, runbook)
    targets = targets_of(options)
    named = {name for step in runbook.steps for name in probes_of(step, catalogue)}
    examination = examination_of(
        options, catalogue, targets, [name for name in catalogue.probes if name in named]
    )
    if options.plan:
        return show_plan(examination, options, Schedule())
    with resumed(earlier, runbook, targets) if earlier else new_log(runbook, examination, options.log) as log:
        screen = Screen(runbook, shown=sys.stderr.isatty() and not options.quiet)
        plan = Walk(
            runbook=runbook,
            examination=examination,
            tasks=_planner(examination, forced=options.force_production),
            who=login_name(),
            ask=Asking(runbook.id, answers, str(log.path)),
            begins=screen.begins,
            done=screen.done,
            observers=() if options.debug else (screen.observe,),
        )
        return _walked(plan, log, options)


def _planner(examination: Examination, *, forced: bool) -> Planner:
    def planned(probes: Sequence[str]) -> list[Task]:
        active, catalogue = examination.active, examination.catalogue
        return tasks(examination.targets, probes, catalogue, active=active, forced=forced)

    return planned


def _walked(plan: Walk, log: IncidentLog, options: argparse.Namespace) -> int:
    """Walk, and write the documents however that ends; a missing answer is raised on, after them."""
    try:
        with suppress(Interrupted, KeyboardInterrupt, Terminated):
            walk(plan, log)
    finally:
        write_beside(log, plan.runbook)
    if not log.incident.end:
        print(f"clearpay-doctor: not ended; go on with --resume {log.path}", file=sys.stderr)
    elif sys.stderr.isatty():
        print(f"incident log: {log.path}, and .md and .json beside it", file=sys.stderr)
    if not options.quiet:
        sys.stdout.write(encodable(_document(log.incident, plan.runbook, options.format), sys.stdout))
    return log.incident.exit_code


def _document(incident: Incident, runbook: Runbook, format_: str) -> str:
    match format_:
        case "json":
            return json_text(incident)
        case "markdown":
            return markdown(incident, runbook)
        case _:
            seen = sys.stdout.isatty() and sys.stderr.isatty()  # the way was shown while it was gone
            return human(incident, runbook, terminal_of(sys.stdout), way=not seen)
