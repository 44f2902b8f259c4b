"""Exit codes of `check`, `diagnose`, `verify` and `fix`, decided before a format is written."""

from diagnostics.engine.events import Level
from diagnostics.exit_codes import ExitCode
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.model import Report, Verification, roll_up


def check_code(report: Report, fail_on: Level = "fail") -> ExitCode:
    """Return FOUND for a finding at or above the level, UNDETERMINED for an inconclusive outcome, else OK."""
    levels = {finding.level for result in report.results for finding in result.findings}
    if "fail" in levels or (fail_on == "warn" and "warn" in levels):
        return ExitCode.FOUND
    return ExitCode.UNDETERMINED if roll_up(report.results) in {"unknown", "error", "fail"} else ExitCode.OK


def diagnose_code(report: Report) -> ExitCode:
    """Return FOUND for a confirmed or past entry.

    Else UNDETERMINED for a text that no known error matches, for a suspected entry and without results.
    Otherwise the code is that of `check`.
    """
    verdicts = {diagnosis.verdict for diagnosis in report.diagnoses}
    if verdicts & {"confirmed", "past"}:
        return ExitCode.FOUND
    if report.is_unmatched or "suspected" in verdicts or not report.results:
        return ExitCode.UNDETERMINED
    return check_code(report)


def verify_code(verification: Verification) -> ExitCode:
    """Return STILL_FAILING for a finding of the entry, OK if it is green, else UNDETERMINED."""
    if verification.failing:
        return ExitCode.STILL_FAILING
    return ExitCode.OK if verification.green else ExitCode.UNDETERMINED


def fix_code(record: FixRecord) -> ExitCode:
    """Return OK if the fix was verified, STILL_FAILING if not, FOUND if the run confirmed nothing to fix.

    Otherwise UNDETERMINED: declined, nothing that could be run, or no result of the verification.
    """
    codes = {
        "verified": ExitCode.OK,
        "still_failing": ExitCode.STILL_FAILING,
        "not_confirmed": ExitCode.FOUND,
    }
    return codes.get(record.state, ExitCode.UNDETERMINED)
