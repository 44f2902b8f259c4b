"""`fix`: show the fix of an entry that is confirmed now, apply it with consent, and verify it."""

import argparse
import sys
from dataclasses import replace

from diagnostics.cli.dry_run import show_plan
from diagnostics.cli.fixing.given_consent import GivenConsent
from diagnostics.cli.fixing.person import Person
from diagnostics.cli.options import examination_of, targets_of
from diagnostics.cli.output import Output, report_on
from diagnostics.cli.parser import add_run, seconds
from diagnostics.cli.repeat import Schedule
from diagnostics.cli.team_folders import kb_folders
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.diagnosis.exit_status import fix_code
from diagnostics.errors import Terminated, UnknownName, UsageError, printable
from diagnostics.fixes.apply import Application
from diagnostics.fixes.dialogue import Dialogue
from diagnostics.fixes.plan import FixPlan, diagnosis_to_fix, plan_of, root_of
from diagnostics.fixes.step_ids import step_ids
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, Interrupted, examine, interruption
from diagnostics.run.knowledge import catalogue_of
from diagnostics.run.selection import entry_named
from diagnostics.terminal import is_interactive
from kb.records.models import Entry
from kb.text.suggestions import did_you_mean

EXAMPLE = "clearpay-doctor fix db-connection-refused --target prod --apply"
WAIT_S = 60.0
"""Default of `--wait`: seconds for which the probes are run again."""


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
    return report_on(examination, options, lambda to: _fix(examination, entry, finding, options, to))


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


def _fix(
    examination: Examination, entry: Entry, finding: str, options: argparse.Namespace, output: Output
) -> Report:
    """Return the report of the run that confirms, and of the fix. Raises Interrupted with what was done."""
    report = examine(examination, [output.observe], output.first)
    diagnosis = diagnosis_to_fix(report, entry.id, finding)
    if diagnosis is None:
        return _ended(report, _not_confirmed(report, examination, entry, finding))
    target, catalogue = examination.targets[0], examination.catalogue
    plan = plan_of(diagnosis, target, catalogue, examination.redactor, examination.kb)
    output.pauses()
    application = Application(
        plan=plan,
        examination=examination,
        report=report,
        dialogue=_dialogue(options),
        write=output.fix_step,
        wait_s=options.wait,
        observers=[output.observe],
        terminal=_terminal(),
    )
    if not options.apply:
        return _ended(report, _planned(application.record(), plan))
    return _applied(application, options)


def _applied(application: Application, options: argparse.Namespace) -> Report:
    try:
        application.run()
    except Interrupted as signal:  # raised while probes ran
        report = replace(signal.report, fix=application.record(), verification=application.verification)
        raise Interrupted(report, signal.code) from None
    except (KeyboardInterrupt, Terminated) as signal:
        report = replace(application.report, fix=application.record(), verification=application.verification)
        raise interruption(signal, report) from None
    record = application.record()
    if record.state == "declined" and not is_interactive():
        record = replace(record, reason=_missing_consent(record, application.plan, options))
    return _ended(replace(application.report, verification=application.verification), record)


def _missing_consent(record: FixRecord, plan: FixPlan, options: argparse.Namespace) -> str:
    """Return the options that would have been the consent to the steps that have a place."""
    if plan.target.production and options.consents and not options.force_production:
        return f"{plan.target.name} is production; add --force-production"
    ids = [
        step.id for step in record.steps if step.place and step.changes and step.id not in options.consents
    ]
    names = " ".join(f"--yes-to {id_}" for id_ in ids)
    return f"without a terminal, consent by {names}" if ids else ""


def _ended(report: Report, record: FixRecord) -> Report:
    return replace(report, fix=record, exit_code=int(fix_code(record)))


def _planned(record: FixRecord, plan: FixPlan) -> FixRecord:
    runnable = [step.id for step in record.steps if step.place and step.changes]
    if runnable:
        return replace(record, reason="add --apply to be asked for each step, and to run it")
    return replace(record, reason=f"no step can be run from here; {plan.target.name} names no place for one")


def _not_confirmed(report: Report, examination: Examination, entry: Entry, finding: str) -> FixRecord:
    target = examination.targets[0].name
    if root := root_of(report, entry.id):
        reason = f"it follows from {root}; fix that first: {root}"
        return FixRecord(entry=entry.id, finding="", target=target, state="nothing_to_run", reason=reason)
    reason = f"no probe finds {finding or 'it'} in this run"
    others = [
        item.entry for item in report.diagnoses if item.verdict == "confirmed" and item.entry != entry.id
    ]
    reason += f"; confirmed: {', '.join(others)}" if others else ""
    return FixRecord(entry=entry.id, finding="", target=target, state="not_confirmed", reason=reason)


def _dialogue(options: argparse.Namespace) -> Dialogue:
    if is_interactive():
        return Person(options.consents, forced=options.force_production)
    return GivenConsent(
        options.consents, options.sessions, forced=options.force_production, undo=options.undo
    )


def _terminal() -> int | None:
    return sys.stdin.fileno() if is_interactive() else None
