"""One or several rounds of the same examination; `--repeat` serves for intermittent errors."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from diagnostics.cli.output import Output
from diagnostics.errors import Terminated
from diagnostics.report.model import Report
from diagnostics.report.worst_round import worst_round
from diagnostics.run.examination import Examination, Interrupted, examine, interruption, now

Judge = Callable[[Report], int]
"""Function that returns the exit code for a report."""


class Schedule(NamedTuple):
    """Number of rounds, and seconds from the start of one round to the start of the next."""

    rounds: int = 1
    every_s: float = 0.0


def once(examination: Examination, output: Output, judge: Judge) -> Report:
    """Run the examination once and return its report. Raises Interrupted."""
    report = examine(examination, [output.observe], output.first)
    return replace(report, exit_code=int(judge(report)))


def repeated(examination: Examination, output: Output, judge: Judge, schedule: Schedule) -> Report:
    """Run the examination in rounds and return the report of the worst one, with all of them in `rounds`.

    The rounds share the rejected credentials, so that none is tried twice. Raises Interrupted.
    """
    reports: list[Report] = []
    try:
        for number in range(1, schedule.rounds + 1):
            due = time.monotonic() + schedule.every_s
            reports.append(_round(number, examination, output, judge))
            output.round_ends(reports[-1])
            if number < schedule.rounds:
                time.sleep(max(0.0, due - time.monotonic()))
    except Interrupted as end:
        partial = replace(end.report, exit_code=int(judge(end.report)))
        output.round_ends(partial)
        report = worst_round(output.first, [*reports, partial])
        raise Interrupted(replace(report, exit_code=end.code), end.code) from None
    except (KeyboardInterrupt, Terminated) as signal:
        raise interruption(signal, worst_round(output.first, reports)) from None
    return worst_round(output.first, reports)


def _round(number: int, examination: Examination, output: Output, judge: Judge) -> Report:
    started = now()
    output.round_begins(number, started)
    try:
        return replace(once(examination, output, judge), started=started)
    except Interrupted as end:
        raise Interrupted(replace(end.report, started=started), end.code) from None
