"""`check`: run probes and say what they found."""

import argparse

from diagnostics.arguments import add_run
from diagnostics.judge import check_code
from diagnostics.output import report_on
from diagnostics.selection import probes_named
from diagnostics.session import catalogue_of, examination_of, targets_of

EXAMPLE = "clearpay-doctor check db-credential-rotation --target lab --format json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="probe, layer, entry or finding")
    parser.add_argument(
        "--fail-on", choices=("fail", "warn"), default="fail", help="from which level to exit with 1"
    )
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Run the chosen probes, all quiet ones where none is chosen."""
    catalogue = catalogue_of(options.kb)
    probes = probes_named(options.selectors, catalogue)
    examination = examination_of(options, catalogue, targets_of(options), probes)
    return report_on(examination, options, lambda report: check_code(report, options.fail_on))
