"""`check`: run probes and report their findings."""

import argparse
from dataclasses import replace
from pathlib import Path

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.output import report_on
from diagnostics.cli.parser import add_run, count, seconds
from diagnostics.cli.repeat import Schedule, once, repeated
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.exit_status import check_code
from diagnostics.errors import UsageError
from diagnostics.report.model import Report
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import probes_named, selected_probes

EXAMPLE = "clearpay-doctor check db-credential-rotation --target lab --format json"
EVERY_S = 10.0
"""Default for `--every`: seconds from the start of one round to the start of the next."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="probe, layer, entry or finding")
    parser.add_argument(
        "--fail-on",
        choices=("fail", "warn"),
        default="fail",
        help="lowest level of a finding for exit code 1 (default fail)",
    )
    parser.add_argument(
        "--repeat",
        type=count,
        metavar="N",
        help="run N rounds, for intermittent errors; the worst round is reported",
    )
    parser.add_argument(
        "--every",
        type=seconds,
        metavar="TIME",
        help="interval between starts of rounds: 10s, 1m (default 10s)",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help="report of an earlier run (JSON, ndjson or SARIF): places in code that it has are no findings",
    )
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Run the selected probes, or all that are not active."""
    catalogue = catalogue_of(kb_folders(options))
    probes = probes_named(options.selectors, catalogue)
    selected = selected_probes(options.selectors, catalogue)
    targets = targets_of(options)
    if options.baseline:
        from diagnostics.clients.source.baseline import read_baseline  # noqa: PLC0415  only for this option

        known = read_baseline(Path(options.baseline))
        targets = tuple(replace(target, known_places=known) for target in targets)
    examination = examination_of(options, catalogue, targets, probes, selected=selected)
    schedule = _schedule(options)
    if options.plan:
        return show_plan(examination, options, schedule)

    def judge(report: Report) -> int:
        return check_code(report, options.fail_on)

    if options.repeat:
        return report_on(examination, options, lambda to: repeated(examination, to, judge, schedule))
    return report_on(examination, options, lambda to: once(examination, to, judge))


def _schedule(options: argparse.Namespace) -> Schedule:
    if options.every and not options.repeat:
        raise UsageError("--every: has no effect without --repeat")
    if not options.repeat:
        return Schedule()
    return Schedule(options.repeat, options.every or EVERY_S)
