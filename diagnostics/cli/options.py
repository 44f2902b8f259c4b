"""From parsed options to the targets and the examination of a run, with consent to active probes."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UsageError, printable
from diagnostics.run.examination import DEADLINE_S, Examination, Observer
from diagnostics.run.selection import require_endpoints
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.overrides import with_overrides
from diagnostics.targets.secrets.check import require_secrets
from diagnostics.targets.target import Target
from diagnostics.terminal import is_interactive, print_line

if TYPE_CHECKING:
    from kb.matching.matcher import Match


def targets_of(options: argparse.Namespace, *, required: bool = True) -> tuple[Target, ...]:
    """Return the targets that the options name, or the default one. Raises UsageError if one is missing.

    On stderr, a terminal gets the name of the target file unless the report begins with it, and everyone the
    reason why it is not trusted.
    """
    targets = selected_targets(target_file.load(options.config), options, required=required)
    announce(targets, quiet=getattr(options, "quiet", False) or _report_names_file(options))
    # A plan sends nothing, so it cannot tell what is behind host:port.
    return targets if options.plan else tuple(_as_database(target) for target in targets)


def _as_database(target: Target) -> Target:
    """Return a target of the form host:port as one of PostgreSQL if PostgreSQL answers there, and say so."""
    if not target.bare or target.endpoints[0].kind != "tls":
        return target
    from diagnostics.run.recognition import as_database, note  # noqa: PLC0415  only an address without a scheme

    database = as_database(target)
    if database is not target:
        print_line(f"clearpay-doctor: {note(database)}", sys.stderr)
    return database


def _report_names_file(options: argparse.Namespace) -> bool:
    """Return True for a command whose report on stdout begins with the target file."""
    return hasattr(options, "record") and options.format == "human" and not options.plan


def selected_targets(
    file: target_file.Config, options: argparse.Namespace, *, required: bool = True
) -> tuple[Target, ...]:
    """Return the targets that the options name, from a target file that was read."""
    targets = _named(options.targets, file) if options.targets else _default(file)
    if not targets and required:
        raise UsageError("no target; name one with --target, in clearpay-doctor.toml, or in DATABASE_URL")
    require_endpoints([target for target, _ in targets])
    overrides = _pairs(options.overrides)
    changed = tuple(
        located(with_overrides(target, overrides), file, word, overrides=options.overrides)
        for target, word in targets
    )
    require_secrets(changed)
    return changed


def announce(targets: Sequence[Target], *, quiet: bool = False) -> None:
    """Print the target files in use on a terminal's stderr, and on any stderr why one is not trusted."""
    for file in {target.file.path: target.file for target in targets if target.file}.values():
        shown = not file.blocked and sys.stderr.isatty() and not quiet
        for note in (*((f"target file: {file.name}",) if shown else ()), *file.notes):
            print_line(f"clearpay-doctor: {note}", sys.stderr)


def _named(words: Sequence[str], file: target_file.Config) -> list[tuple[Target, str | None]]:
    return [(target_file.target_named(word, file), word) for word in dict.fromkeys(words)]


def _default(file: target_file.Config) -> list[tuple[Target, str | None]]:
    """Return the default target with its name; one of the environment has none that `--target` takes."""
    target = target_file.default_target(file, os.environ)
    return [(target, target.name if target.name in file.settings.target else None)] if target else []


def examination_of(
    options: argparse.Namespace,
    catalogue: Catalogue,
    targets: Sequence[Target],
    probes: Sequence[str],
    matches: Sequence["Match"] | None = None,
    *,
    selected: Sequence[str] = (),
) -> Examination:
    """Return the examination that the options describe, after consent to active probes if needed.

    `matches` are those of a text; None without a text. `selected` are the probes that the command named.
    """
    if options.force_production and not options.active:
        raise UsageError("--force-production: has no effect without --active")
    active = options.active and (options.plan or _consents(catalogue, targets, probes))
    examination = Examination(
        catalogue=catalogue,
        targets=tuple(targets),
        matches=tuple(matches or ()),
        has_text=matches is not None,
        active=active,
        forced=options.force_production,
        deadline_s=options.deadline or DEADLINE_S,
        listeners=_listeners(options, targets),
        selected=tuple(selected),
        kb=tuple(options.kb or ()),
    )
    return examination.with_probes(probes)


def _listeners(options: argparse.Namespace, targets: Sequence[Target]) -> tuple[Observer, ...]:
    if not options.debug:
        return ()
    from diagnostics.cli.debug import Trace  # noqa: PLC0415  for --debug only

    return (Trace(", ".join(target.name for target in targets) or "none").observe,)


def _consents(catalogue: Catalogue, targets: Sequence[Target], probes: Sequence[str]) -> bool:
    """Ask before active probes run on production; without a terminal, `--active` is the consent."""
    active = [name for name in probes if catalogue.probes[name].SAFETY == "active"]
    production = [target.name for target in targets if target.production]
    if not active or not production or not is_interactive():
        return True
    for name in active:
        print(f"{name}: {catalogue.probes[name].SENDS}", file=sys.stderr)
    print(
        f"Send this to production target {', '.join(production)}? [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _pairs(overrides: Sequence[str]) -> dict[str, str]:
    for text in overrides:
        if "=" not in text or text.startswith("="):
            raise UsageError(
                f"--set {printable(text)}: write KEY=VALUE, as in --set thresholds.deadlock_window_s=30"
            )
    return {key: value for key, _, value in (text.partition("=") for text in overrides)}
