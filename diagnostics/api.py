"""`check` and `diagnose` for Python: the run that the command line makes, and its report as a value."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from diagnostics import config
from diagnostics.catalogue import Catalogue
from diagnostics.engine import Task
from diagnostics.events import Level
from diagnostics.examine import DEADLINE_S, Examination, examine
from diagnostics.judge import check_code, diagnose_code
from diagnostics.knowledge import index_of
from diagnostics.report import Report
from diagnostics.selection import probes_named, require_endpoints, tasks, telling_probes
from diagnostics.session import catalogue_of
from diagnostics.target import Target
from kb.matcher import match
from kb.text import clean


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
    planned = _planned(point, probes_named(selectors, catalogue), catalogue, active=active)
    report = examine(Examination(catalogue, (point,), planned, active=active, deadline_s=deadline_s))
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
    probes = telling_probes(matches, catalogue)
    planned = tuple(task for one in points for task in _planned(one, probes, catalogue, active=active))
    report = examine(Examination(catalogue, points, planned, matches, active=active, deadline_s=deadline_s))
    return replace(report, exit_code=int(diagnose_code(report)))


def _catalogue(kb: Path | None) -> Catalogue:
    return catalogue_of(str(kb) if kb else None)


def _target(name: str, file: Path | None) -> Target:
    found = config.named(name, config.read(file or config.find()))
    require_endpoints([found])
    return found


def _planned(
    target: Target, probes: Sequence[str], catalogue: Catalogue, *, active: bool
) -> tuple[Task, ...]:
    return tuple(tasks([target], probes, catalogue, active=active, forced=False))
