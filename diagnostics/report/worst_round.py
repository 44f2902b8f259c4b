"""The report of repeated runs: that of the worst round, with a summary of each round."""

from collections.abc import Sequence
from dataclasses import replace

from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Report, Result, Round, RoundResult, roll_up

WORSE = (ExitCode.OK, ExitCode.UNDETERMINED, ExitCode.FOUND)
"""Exit codes of `check` from best to worst."""


def worst_round(first: Report, reports: Sequence[Report]) -> Report:
    """Return the worst of the reports with all rounds in `rounds`, and the start time of `first`.

    Without a report, `first` is returned, the one that was made before the first round.
    """
    worst = max(reports, key=_severity, default=first)
    rounds = tuple(_round(number, report) for number, report in enumerate(reports, 1))
    return replace(worst, started=first.started, rounds=rounds)


def _severity(report: Report) -> tuple[int, int]:
    """Return the sort key: the exit code, then the number of findings."""
    return WORSE.index(ExitCode(report.exit_code)), sum(len(result.findings) for result in report.results)


def _round(number: int, report: Report) -> Round:
    return Round(
        round=number,
        started=report.started,
        outcome=roll_up(report.results),
        exit_code=report.exit_code,
        results=tuple(_round_result(result) for result in report.results),
    )


def _round_result(result: Result) -> RoundResult:
    codes = tuple(finding.code for finding in result.findings)
    return RoundResult(
        target=result.key.target,
        endpoint=result.key.endpoint,
        probe=result.key.probe,
        outcome=result.outcome,
        findings=codes,
    )
