"""Which exit code a report earns. Decided once, before any format is written."""

from collections.abc import Mapping

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.verdicts import LOOKED, is_irrelevant
from diagnostics.engine.events import Level, Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Report, by_probe, roll_up
from kb.records.models import Entry


def check_code(report: Report, fail_on: Level = "fail") -> ExitCode:
    """`check`: a finding at or above the level, else what the roll-up says."""
    levels = {finding.level for result in report.results for finding in result.findings}
    if "fail" in levels or (fail_on == "warn" and "warn" in levels):
        return ExitCode.FOUND
    return ExitCode.UNDETERMINED if roll_up(report.results) in {"unknown", "error", "fail"} else ExitCode.OK


def diagnose_code(report: Report) -> ExitCode:
    """`diagnose`: confirmed or past wins; only suspected is undetermined; all ruled out or healthy is 0."""
    verdicts = {diagnosis.verdict for diagnosis in report.diagnoses}
    if verdicts & {"confirmed", "past"}:
        return ExitCode.FOUND
    if "suspected" in verdicts or not report.results:
        return ExitCode.UNDETERMINED
    return check_code(report)


def verify_code(report: Report, entry: Entry, catalogue: Catalogue) -> ExitCode:
    """`verify`: green only where every probe of the entry looked and found nothing of it.

    A probe that passed over the target has nothing to look at. An active one that was held back has not
    looked: it is needed, unless what it builds upon passed.
    """
    own = {cause.finding for cause in entry.causes}
    if any(finding.code in own for result in report.results for finding in result.findings):
        return ExitCode.STILL_FAILING
    outcomes = by_probe(report.results)
    wanted = [probe for probe in catalogue.probes_of(entry) if not _passed_over(probe, outcomes, catalogue)]
    looked = bool(wanted) and all(outcomes.get(probe) in LOOKED for probe in wanted)
    return ExitCode.OK if looked else ExitCode.UNDETERMINED


def _passed_over(probe: str, outcomes: Mapping[str, Outcome], catalogue: Catalogue) -> bool:
    held = outcomes.get(probe) == "skipped" and catalogue.probes[probe].SAFETY == "active"
    return is_irrelevant(probe, outcomes, catalogue) if held else outcomes.get(probe) == "skipped"
