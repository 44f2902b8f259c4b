"""Python API: `check` and `diagnose` run what the commands run and return the report."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from diagnostics.diagnosis.exit_status import check_code, diagnose_code
from diagnostics.engine.events import Level
from diagnostics.report.model import Report
from diagnostics.run.examination import DEADLINE_S, Examination, examine
from diagnostics.run.knowledge import catalogue_of, index_of
from diagnostics.run.recognition import as_database
from diagnostics.run.selection import discriminating_probes, probes_named, require_endpoints, selected_probes
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.file_search import locate
from diagnostics.targets.secrets.check import require_secrets
from diagnostics.targets.target import Target
from kb.matching.matcher import match
from kb.text.sanitize import clean


def check(
    target: str,
    *selectors: str,
    config_file: Path | None = None,
    kb: Path | Sequence[Path] | None = None,
    fail_on: Level = "fail",
    active: bool = False,
    deadline_s: float = DEADLINE_S,
) -> Report:
    """Run probes on a target and return the report; its `exit_code` is 0, 1 or 3, as that of the command.

    `target` is what `--target` takes: a name of the target file, a URL, host:port or a path. `selectors` are
    probes, layers, entries or findings; without one, all probes run. `config_file` replaces the target file
    that is found, `kb` is a folder with a team's own entries, or several, `fail_on` the lowest level of a
    finding that gives exit code 1. With `active`, intrusive probes run too, but never on a production target.
    `deadline_s` limits the whole run, in seconds.

    Raises UsageError for an unknown selector or target, InvalidRecord for an invalid target file or entry,
    and Interrupted, which holds the report so far, when a signal arrives.
    """
    folders = _folders(kb, config_file)
    catalogue = catalogue_of(folders)
    targets = (_target(target, config_file),)
    examination = Examination(
        catalogue,
        targets,
        active=active,
        deadline_s=deadline_s,
        selected=selected_probes(selectors, catalogue),
        kb=_own(kb),
    )
    report = examine(examination.with_probes(probes_named(selectors, catalogue)))
    return replace(report, exit_code=int(check_code(report, fail_on)))


def diagnose(
    text: str,
    target: str = "",
    *,
    config_file: Path | None = None,
    kb: Path | Sequence[Path] | None = None,
    active: bool = False,
    deadline_s: float = DEADLINE_S,
) -> Report:
    """Match a text, run the probes that discriminate between the candidates, and return the report.

    Without a target, only the text is matched. The other arguments and the exceptions are those of `check`;
    `diagnoses` of the report holds the verdicts, `exit_code` is 0, 1 or 3.
    """
    folders = _folders(kb, config_file)
    catalogue = catalogue_of(folders)
    matches = tuple(match(clean(text), index_of(folders)))
    targets = (_target(target, config_file),) if target else ()
    examination = Examination(
        catalogue,
        targets,
        matches=matches,
        has_text=True,
        active=active,
        deadline_s=deadline_s,
        kb=_own(kb),
    )
    report = examine(examination.with_probes(discriminating_probes(matches, catalogue)))
    return replace(report, exit_code=int(diagnose_code(report)))


def _own(kb: Path | Sequence[Path] | None) -> tuple[str, ...]:
    """Return the folders of `kb` as the command line has them."""
    return tuple(map(str, (kb,) if isinstance(kb, (str, Path)) else kb or ()))


def _folders(kb: Path | Sequence[Path] | None, file: Path | None) -> tuple[str, ...]:
    """Return the folders of a team's own entries: of the target file if it is trusted, and `kb`."""
    path, named = locate(str(file) if file else None)
    folders = target_file.kb_of(path, named=named)[0] if path else ()
    return (*folders, *_own(kb))


def _target(name: str, file: Path | None) -> Target:
    config = target_file.load(str(file) if file else None)
    target = target_file.target_named(name, config)
    require_endpoints([target])
    require_secrets([target])
    return as_database(located(target, config, name))
