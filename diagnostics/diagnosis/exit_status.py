"""Exit codes of `check`, `diagnose` and `verify`, decided from the report before a format is written."""

from collections.abc import Mapping

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.scope import CONCLUSIVE, is_irrelevant
from diagnostics.engine.events import Level, Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Report, by_probe, roll_up
from kb.records.models import Entry


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


def verify_code(report: Report, entry: Entry, catalogue: Catalogue) -> ExitCode:
    """Return OK if every probe of the entry reached a conclusion and none made a finding of the entry.

    STILL_FAILING stands for such a finding, UNDETERMINED for a probe without conclusion. A skipped probe does
    not apply to the target and is not required, but for an active one that was not allowed to run: it is
    required unless the probes that it reads passed.
    """
    own = {cause.finding for cause in entry.causes}
    if any(finding.code in own for result in report.results for finding in result.findings):
        return ExitCode.STILL_FAILING
    outcomes = by_probe(report.results)
    required = [probe for probe in catalogue.probes_of(entry) if _is_required(probe, outcomes, catalogue)]
    concluded = bool(required) and all(outcomes.get(probe) in CONCLUSIVE for probe in required)
    return ExitCode.OK if concluded else ExitCode.UNDETERMINED


def _is_required(probe: str, outcomes: Mapping[str, Outcome], catalogue: Catalogue) -> bool:
    if outcomes.get(probe) != "skipped":
        return True
    return catalogue.probes[probe].SAFETY == "active" and not is_irrelevant(probe, outcomes, catalogue)
