"""`check` and `diagnose` for Python: the run that the command line makes, and its report as a value."""

from dataclasses import replace
from pathlib import Path

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import check_code, diagnose_code
from diagnostics.engine.events import Level
from diagnostics.report.model import Report
from diagnostics.run.examination import DEADLINE_S, Examination, examine
from diagnostics.run.knowledge import catalogue_of, index_of
from diagnostics.run.selection import discriminating_probes, probes_named, require_endpoints
from diagnostics.targets import target_file
from diagnostics.targets.target import Target
from kb.matching.matcher import match
from kb.text.sanitize import clean


def check(
    target: str,
    *selectors: str,
    config_file: Path | None = None,
    kb: Path | None = None,
    fail_on: Level = "fail",
    active: bool = False,
    deadline_s: float = DEADLINE_S,
) -> Report:
    """Run probes on a target and say what they found: those that the selectors name, else all quiet ones.

    `target` is what `--target` takes. `report.exit_code` is 0, 1 or 3, as the command would end. Active
    probes run with `active`, and never on production. Takes at most `deadline_s` seconds.

    Raises UsageError for a name that means nothing, InvalidRecord for a target file or records that cannot be
    used, Interrupted with the report so far.
    """
    catalogue = _catalogue(kb)
    point = _target(target, config_file)
    examination = Examination(catalogue, (point,), active=active, deadline_s=deadline_s)
    report = examine(examination.with_probes(probes_named(selectors, catalogue)))
    return replace(report, exit_code=int(check_code(report, fail_on)))


def diagnose(
    text: str,
    target: str = "",
    *,
    config_file: Path | None = None,
    kb: Path | None = None,
    active: bool = False,
    deadline_s: float = DEADLINE_S,
) -> Report:
    """Match a text, then run the probes on the target, if one is given, that tell the candidates apart.

    `report.diagnoses` has the verdicts, `report.exit_code` is 0, 1 or 3. Raises what `check` raises.
    """
    catalogue = _catalogue(kb)
    matches = tuple(match(clean(text), index_of(str(kb) if kb else None)))
    points = (_target(target, config_file),) if target else ()
    examination = Examination(catalogue, points, matches=matches, active=active, deadline_s=deadline_s)
    report = examine(examination.with_probes(discriminating_probes(matches, catalogue)))
    return replace(report, exit_code=int(diagnose_code(report)))


def _catalogue(kb: Path | None) -> Catalogue:
    return catalogue_of(str(kb) if kb else None)


def _target(name: str, file: Path | None) -> Target:
    found = target_file.target_named(name, target_file.read(file or target_file.find()))
    require_endpoints([found])
    return found
