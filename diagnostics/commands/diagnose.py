"""`diagnose`: from a text and a live target to one entry."""

import argparse

from diagnostics.arguments import add_run
from diagnostics.inputs import read_text
from diagnostics.judge import diagnose_code
from diagnostics.knowledge import index_of
from diagnostics.output import report_on
from diagnostics.plan import show_plan
from diagnostics.rounds import Schedule, once
from diagnostics.selection import telling_probes
from diagnostics.session import catalogue_of, examination_of, targets_of
from kb.matcher import match
from kb.text import clean

EXAMPLE = "clearpay-doctor diagnose error.log --target lab"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `diagnose` takes."""
    parser.add_argument("text", nargs="?", default="-", metavar="FILE|-", help="a traceback, log or sentence")
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Match the text, run what tells the candidates apart, say what it is."""
    catalogue = catalogue_of(options.kb)
    targets = targets_of(options, required=False)
    matches = match(clean(read_text(options.text)), index_of(options.kb))
    probes = telling_probes(matches, catalogue)
    examination = examination_of(options, catalogue, targets, probes, matches)
    if options.plan:
        return show_plan(examination, options, Schedule())
    return report_on(examination, options, lambda to: once(examination, to, diagnose_code))
