"""What several rounds came to together: a function of their reports, nothing else."""

from collections.abc import Sequence
from dataclasses import replace

from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Report, Result, Round, RoundResult, roll_up

WORSE = (ExitCode.OK, ExitCode.UNDETERMINED, ExitCode.FOUND)
"""Exit codes of `check`, the last wins."""


def worst_round(first: Report, done: Sequence[Report]) -> Report:
    """The worst of the rounds, under the id and the time of the command."""
    worst = max(done, key=_badness, default=first)
    rounds = tuple(_brief(number, report) for number, report in enumerate(done, 1))
    return replace(worst, started=first.started, rounds=rounds)


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


def _seen(result: Result) -> RoundResult:
    codes = tuple(finding.code for finding in result.findings)
    return RoundResult(
        target=result.key.target,
        endpoint=result.key.endpoint,
        probe=result.key.probe,
        outcome=result.outcome,
        findings=codes,
    )
