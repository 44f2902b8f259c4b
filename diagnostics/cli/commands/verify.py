"""`verify`: run the probes of one entry until they pass."""

import argparse
import time
from dataclasses import replace

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.output import Output, report_on
from diagnostics.cli.parser import add_run, seconds
from diagnostics.cli.repeat import Schedule
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import Terminated
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine, interruption
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import entry_named
from kb.records.models import Entry

EXAMPLE = "clearpay-doctor verify db-credential-rotation --target lab --wait 30s"
PAUSE_S = 2.0
"""Seconds between two attempts: fixes take effect in seconds, and the server gets little extra load."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `verify`."""
    parser.add_argument("entry", metavar="ENTRY", help="the entry whose fix to verify")
    parser.add_argument(
        "--wait",
        type=seconds,
        default=0.0,
        metavar="TIME",
        help="repeat until green, for at most this long: 30s, 2m",
    )
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Run the probes of the entry until it is green or `--wait` is over."""
    catalogue = catalogue_of(kb_folders(options))
    entry = entry_named(options.entry, catalogue)
    targets = targets_of(options)
    probes = catalogue.with_needs(catalogue.probes_of(entry))
    examination = examination_of(options, catalogue, targets, probes)
    if options.plan:
        return show_plan(examination, options, Schedule())
    return report_on(examination, options, lambda to: _until_green(examination, entry, options.wait, to))


def _until_green(examination: Examination, entry: Entry, wait: float, output: Output) -> Report:
    deadline = Deadline(wait)
    failed = False
    report = output.first
    try:
        while True:
            report = examine(examination, [output.observe], output.first)
            verification = verification_of(report, entry, examination.catalogue, examination.targets)
            report = replace(report, verification=verification)
            code = verify_code(verification)
            failed = failed or code == ExitCode.STILL_FAILING
            if code == ExitCode.OK or deadline.left <= 0:
                break
            output.waits(deadline.left)
            time.sleep(min(PAUSE_S, deadline.left))
    except (KeyboardInterrupt, Terminated) as signal:
        raise interruption(signal, report) from None
    if code == ExitCode.UNDETERMINED and failed:  # an earlier attempt proved that the error persists
        code = ExitCode.STILL_FAILING
    return replace(report, exit_code=int(code))
