"""`--plan`: the tasks of a run and what each would send, printed without running any."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from diagnostics.cli.repeat import Schedule
from diagnostics.engine.probe import Probe, budget_of
from diagnostics.engine.scheduler import Task
from diagnostics.errors import UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.run.examination import Examination
from diagnostics.run.selection import endpoints_without_probe
from diagnostics.targets.target import Endpoint
from diagnostics.terminal import Terminal, print_json, terminal_of, write_stdout

PLAN_FORMATS = ("human", "json")


def show_plan(examination: Examination, options: argparse.Namespace, schedule: Schedule) -> int:
    """Print the plan and return OK. Raises UsageError for a format other than human and json."""
    if options.format not in PLAN_FORMATS or options.output:
        raise UsageError("--plan: prints human or json; it makes no report for other formats or --output")
    if options.quiet:
        return ExitCode.OK
    if options.format == "json":
        print_json(document(examination, schedule))
    else:
        write_stdout("".join(f"{line}\n" for line in _lines(examination, schedule, terminal_of(sys.stdout))))
    return ExitCode.OK


def document(examination: Examination, schedule: Schedule) -> dict[str, Any]:
    """Return the plan as JSON data."""
    probes = examination.catalogue.probes
    return {
        "schema_version": "1",
        "targets": [target.name for target in examination.targets],
        "deadline_s": examination.deadline_s,
        "rounds": schedule.rounds,
        "every_s": schedule.every_s,
        "plan": [_task_data(task, probes[task.probe], examination.deadline_s) for task in examination.tasks],
        "not_examined": [point.name for point in _without_probe(examination)],
    }


def _task_data(task: Task, probe: Probe, deadline_s: float) -> dict[str, Any]:
    return {
        "target": task.target.name,
        "endpoint": task.endpoint.name,
        "probe": task.probe,
        "production": task.target.production,
        "safety": probe.SAFETY,
        "needs": list(probe.NEEDS),
        "reads": list(probe.READS),
        "alone": probe.ALONE,
        "budget_s": budget_of(probe, task.target, deadline_s),
        "sends": probe.SENDS,
        "held_back": task.skip,
    }


def _lines(examination: Examination, schedule: Schedule, terminal: Terminal) -> Iterator[str]:
    heading = ""
    for task in examination.tasks:
        endpoint = f"{task.target.name}  {task.endpoint.name}" if not task.target.bare else task.endpoint.name
        if endpoint != heading:
            kind = "production" if task.target.production else "not production"
            yield f"{terminal.paint(endpoint, 'strong')}  ({kind})"
            heading = endpoint
        probe = examination.catalogue.probes[task.probe]
        yield from _task_lines(task, probe, budget_of(probe, task.target, examination.deadline_s), terminal)
    for point in _without_probe(examination):
        yield f"{point.name}: no selected probe applies to endpoints of kind {point.kind}"
    if not examination.tasks:
        yield "No probe would run."
    yield from _limits(examination, schedule)


def _task_lines(task: Task, probe: Probe, budget_s: float, terminal: Terminal) -> Iterator[str]:
    if task.skip:
        word = "held back" if task.held_back else "does not apply"
        yield f"  {task.probe:<10} {terminal.paint(word, 'warn')}"
    else:
        after = f", not if {' or '.join(probe.NEEDS)} fails" if probe.NEEDS else ""
        yield f"  {task.probe:<10} {probe.SAFETY}, at most {budget_s:g} s{after}"
    from kb.text.wrapping import wrap  # noqa: PLC0415  textwrap; a run without --plan does not need it

    indent = " " * 13
    yield from wrap(task.skip or probe.SENDS, terminal.width, first=indent, hanging=indent)


def _limits(examination: Examination, schedule: Schedule) -> Iterator[str]:
    rounds = f" {schedule.rounds} rounds, one every {schedule.every_s:g} s." if schedule.rounds > 1 else ""
    limited = "A round" if rounds else "The run"
    yield f"Nothing was sent.{rounds} {limited} takes at most {examination.deadline_s:g} s."


def _without_probe(examination: Examination) -> list[Endpoint]:
    return endpoints_without_probe(examination.targets, examination.tasks)
