"""What a verb needs around a run: knowledge, targets, consent to active probes."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics import config
from diagnostics.catalogue import Catalogue
from diagnostics.complaints import UsageError
from diagnostics.examine import DEADLINE_S, Examination, Observer
from diagnostics.probes import PROBES
from diagnostics.selection import require_endpoints, tasks
from diagnostics.target import Target
from diagnostics.terminal import somebody_there
from kb.invalid import InvalidRecord
from kb.loader import load_entries

if TYPE_CHECKING:
    from kb.matcher import Match


def catalogue_of(folder: str | None) -> Catalogue:
    """The shipped records, with a team's own beside them. Raises InvalidRecord, UsageError."""
    entries = load_entries()
    if folder is None:
        return Catalogue(entries, PROBES)
    if not Path(folder).is_dir():
        raise UsageError(f"--kb {folder}: is no folder; expected <layer>/<id>/entry.yaml below it")
    from kb.validate import read_folder  # noqa: PLC0415  only foreign records are validated here

    catalogue = Catalogue(read_folder(Path(folder), entries.values()), PROBES)
    if problems := list(catalogue.problems(catalogue.entries.keys() - entries.keys())):
        raise InvalidRecord(problems)
    return catalogue


def targets_of(options: argparse.Namespace, *, required: bool = True) -> tuple[Target, ...]:
    """The targets that the options name. Raises UsageError where one is needed and none is given."""
    if options.config and not Path(options.config).is_file():
        raise UsageError(f"--config {options.config}: no such file")
    found = config.read(Path(options.config) if options.config else config.find())
    if options.targets:
        targets = [config.named(name, found) for name in dict.fromkeys(options.targets)]
    else:
        targets = [target for target in [config.default(found, os.environ)] if target]
    if not targets and required:
        raise UsageError("no target; name one with --target, in clearpay-doctor.toml, or in DATABASE_URL")
    require_endpoints(targets)
    overrides = _pairs(options.overrides)
    return tuple(config.with_overrides(target, overrides) for target in targets)


def examination_of(
    options: argparse.Namespace,
    catalogue: Catalogue,
    targets: Sequence[Target],
    probes: Sequence[str],
    matches: Sequence["Match"] = (),
) -> Examination:
    """The run that the options describe, after asking for consent where active probes would run."""
    if options.force_production and not options.active:
        raise UsageError("--force-production: means nothing without --active")
    active = options.active and (options.plan or _consents(catalogue, targets, probes))
    return Examination(
        catalogue=catalogue,
        targets=tuple(targets),
        tasks=tuple(tasks(targets, probes, catalogue, active=active, forced=options.force_production)),
        matches=tuple(matches),
        active=active,
        deadline_s=options.deadline or DEADLINE_S,
        listeners=_listeners(options, targets),
    )


def _listeners(options: argparse.Namespace, targets: Sequence[Target]) -> tuple[Observer, ...]:
    if not options.debug:
        return ()
    from diagnostics.debug import Trace  # noqa: PLC0415  only where it is asked for

    return (Trace(", ".join(target.name for target in targets) or "none").observe,)


def _consents(catalogue: Catalogue, targets: Sequence[Target], probes: Sequence[str]) -> bool:
    """On a terminal a person is asked once, and told what will be sent; a script's option is its consent."""
    active = [name for name in probes if catalogue.probes[name].SAFETY == "active"]
    production = [target.name for target in targets if target.production]
    if not active or not production or not somebody_there():
        return True
    for name in active:
        print(f"{name}: {catalogue.probes[name].SENDS}", file=sys.stderr)
    print(
        f"Send this to {', '.join(production)}, which is production? [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _pairs(overrides: Sequence[str]) -> dict[str, str]:
    for text in overrides:
        if "=" not in text or text.startswith("="):
            raise UsageError(f"--set {text}: write KEY=VALUE, as in --set thresholds.deadlock_window_s=30")
    return {key: value for key, _, value in (text.partition("=") for text in overrides)}
