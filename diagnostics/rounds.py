"""The same examination again and again, for what comes and goes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from diagnostics.complaints import Terminated
from diagnostics.examine import Examination, Interrupted, examine, interrupted, now
from diagnostics.exit_codes import ExitCode
from diagnostics.output import Output
from diagnostics.report import Report, Result, Round, Seen, roll_up

Judge = Callable[[Report], int]
WORSE = (ExitCode.OK, ExitCode.UNDETERMINED, ExitCode.FOUND)
"""Exit codes of `check`, the last wins."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often, and how many seconds from the beginning of a round to that of the next."""

    rounds: int = 1
    every_s: float = 0.0


def once(examination: Examination, output: Output, judge: Judge) -> Report:
    """Examine one time. Raises Interrupted."""
    report = examine(examination, [output.observe], output.first)
    return replace(report, exit_code=int(judge(report)))


def repeated(examination: Examination, output: Output, judge: Judge, schedule: Schedule) -> Report:
    """Examine in rounds: the report of the worst one, with all of them in `rounds`.

    One memory of rejected credentials serves every round, so none is tried twice. Raises Interrupted.
    """
    done: list[Report] = []
    try:
        for number in range(1, schedule.rounds + 1):
            due = time.monotonic() + schedule.every_s
            done.append(_round(number, examination, output, judge))
            output.round_ends(done[-1])
            if number < schedule.rounds:
                time.sleep(max(0.0, due - time.monotonic()))
    except Interrupted as end:
        partial = replace(end.report, exit_code=int(judge(end.report)))
        report = summed(output.first, [*done, partial])
        raise Interrupted(replace(report, exit_code=end.code), end.code) from None
    except (KeyboardInterrupt, Terminated) as signal:
        raise interrupted(signal, summed(output.first, done)) from None
    return summed(output.first, done)


def summed(first: Report, done: Sequence[Report]) -> Report:
    """The worst of the rounds, under the id and the time of the command."""
    worst = max(done, key=_badness, default=first)
    rounds = tuple(_brief(number, report) for number, report in enumerate(done, 1))
    return replace(worst, started=first.started, rounds=rounds)


def _round(number: int, examination: Examination, output: Output, judge: Judge) -> Report:
    started = now()
    output.round_begins(number, started)
    try:
        return replace(once(examination, output, judge), started=started)
    except Interrupted as end:
        raise Interrupted(replace(end.report, started=started), end.code) from None


def _badness(report: Report) -> tuple[int, int]:
    """The exit code first; of rounds with the same one, that with more findings."""
    return WORSE.index(ExitCode(report.exit_code)), sum(len(result.findings) for result in report.results)


def _brief(number: int, report: Report) -> Round:
    return Round(
        round=number,
        started=report.started,
        outcome=roll_up(report.results),
        exit_code=report.exit_code,
        results=tuple(_seen(result) for result in report.results),
    )


def _seen(result: Result) -> Seen:
    codes = tuple(finding.code for finding in result.findings)
    return Seen(
        target=result.key.target,
        endpoint=result.key.endpoint,
        probe=result.key.probe,
        outcome=result.outcome,
        findings=codes,
    )
