"""`fix`: show the fix of an entry that is confirmed now, apply it with consent, and verify it."""

import argparse
import sys

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.fixing.execution import WAIT_S, Fixing, fixed
from diagnostics.cli.fixing.given_consent import GivenConsent
from diagnostics.cli.fixing.person import Person
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.output import report_on
from diagnostics.cli.parser import add_run, seconds
from diagnostics.cli.repeat import Schedule
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.fixes.dialogue import Dialogue
from diagnostics.fixes.step_ids import step_ids
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import entry_named
from diagnostics.terminal import is_interactive
from kb.records.models import Entry
from kb.text.suggestions import did_you_mean

EXAMPLE = "clearpay-doctor fix db-connection-refused --target prod --apply"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `fix`."""
    parser.add_argument("entry", metavar="ENTRY", help="the entry to fix, or one of its findings")
    parser.add_argument("--apply", action="store_true", help="offer each step, and run it with consent")
    parser.add_argument(
        "--yes-to", action="append", default=[], metavar="ID", dest="consents",
        help="consent to a step by its id, FINDING:STEP, as without a terminal; may repeat",
    )  # fmt: skip
    parser.add_argument(
        "--pid", action="append", default=[], metavar="PID", dest="sessions",
        help="session of the database that a step acts on; may repeat",
    )  # fmt: skip
    parser.add_argument(
        "--undo", action="store_true", help="without a terminal: undo what ran if it is still red"
    )
    parser.add_argument(
        "--wait", type=seconds, default=WAIT_S, metavar="TIME",
        help="after the steps, repeat the probes until green, for at most this long (default 60s)",
    )  # fmt: skip
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Run the probes of the entry, then show or apply the fix of what they confirm."""
    catalogue = catalogue_of(kb_folders(options))
    entry, finding = _selected(options.entry, catalogue)
    _require_consistent(options, entry)
    targets = targets_of(options)
    if len(targets) != 1:
        raise UsageError("fix: works on one target at a time; name it with --target")
    probes = catalogue.with_needs(catalogue.probes_of(entry))
    forced, options.force_production = options.force_production, options.force_production and options.active
    examination = examination_of(options, catalogue, targets, probes)
    options.force_production = forced
    if options.plan:
        return show_plan(examination, options, Schedule())
    options.record = options.record or options.apply
    fixing = Fixing(
        dialogue=_dialogue(options),
        terminal=sys.stdin.fileno() if is_interactive() else None,
        wait_s=options.wait,
        applies=options.apply,
        consents=options.consents,
        forced=options.force_production,
    )
    return report_on(examination, options, lambda to: fixed(examination, entry, finding, fixing, to))


def _selected(name: str, catalogue: Catalogue) -> tuple[Entry, str]:
    """Return the entry with this id, or the one that claims this finding, and the finding."""
    if claim := catalogue.claims.get(name):
        return claim.entry, name
    return entry_named(name, catalogue), ""


def _require_consistent(options: argparse.Namespace, entry: Entry) -> None:
    """Raise UsageError for options without `--apply`, and for ids that no step of the entry has."""
    given = {"--yes-to": options.consents, "--pid": options.sessions, "--undo": options.undo}
    if unused := [name for name, value in given.items() if value and not options.apply]:
        raise UsageError(f"{unused[0]}: has no effect without --apply")
    if options.force_production and not (options.active or options.consents):
        raise UsageError("--force-production: has no effect without --yes-to or --active")
    known = [id_ for cause in entry.causes for id_ in step_ids(cause)]
    for id_ in options.consents:
        if id_ not in known:
            near = did_you_mean(id_, known)
            hint = near or f"see: clearpay-doctor fix {entry.id}"
            raise UnknownName(f"--yes-to {printable(id_)}: no step of {entry.id} has this id; {hint}")
    for pid in options.sessions:
        if not pid.isdecimal():
            raise UsageError(f"--pid {printable(pid)}: is not a process id")


def _dialogue(options: argparse.Namespace) -> Dialogue:
    if is_interactive():
        return Person(options.consents, forced=options.force_production)
    return GivenConsent(
        options.consents, options.sessions, forced=options.force_production, undo=options.undo
    )
