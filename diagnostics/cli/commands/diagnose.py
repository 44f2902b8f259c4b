"""`diagnose`: match a text, then decide between the candidates by probing a target."""

import argparse
import time

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.input_text import large_text_matches, not_matched, read_text, time_limit
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.output import report_on
from diagnostics.cli.parser import add_run
from diagnostics.cli.repeat import Schedule, once
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.exit_status import diagnose_code
from diagnostics.run.knowledge import catalogue_of, index_of
from diagnostics.run.selection import discriminating_probes
from kb.matching.matcher import Match, match
from kb.text.sanitize import clean

MIN_RUN_S = 0.1
"""Seconds of a run that begins when the time of `--deadline` is nearly over: its probes are not started."""
EXAMPLE = "clearpay-doctor diagnose error.log --target lab"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `diagnose`."""
    parser.add_argument("text", nargs="?", default="-", metavar="FILE|-", help="a traceback, log or sentence")
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Match the text, run the discriminating probes on the targets, and report the verdicts."""
    catalogue = catalogue_of(kb_folders(options))
    targets = targets_of(options, required=False)
    matches = _matches(options)
    probes = discriminating_probes(matches, catalogue)
    examination = examination_of(options, catalogue, targets, probes, matches)
    if options.plan:
        return show_plan(examination, options, Schedule())
    return report_on(examination, options, lambda to: once(examination, to, diagnose_code))


def _matches(options: argparse.Namespace) -> tuple[Match, ...]:
    """Match the text within `--deadline`; the run gets the rest of the time. Raises UnreadableInput."""
    began = time.monotonic()
    folders = kb_folders(options)
    matches = large_text_matches(options.text, folders, seconds=options.deadline, recent_first=True)
    if matches is None:
        text, index = read_text(options.text, options.deadline), index_of(folders)
        with time_limit(_rest(options.deadline, began), not_matched(options.text, options.deadline)):
            matches = match(clean(text), index)
    options.deadline = _rest(options.deadline, began)
    return matches


def _rest(deadline: float | None, began: float) -> float | None:
    """Return what is left of a deadline, so much at least that an error can be reported."""
    return deadline and max(MIN_RUN_S, deadline - (time.monotonic() - began))
