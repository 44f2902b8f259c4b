"""A fix from the run that confirms to the report, with a dialogue: for the command and for the screen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diagnostics.cli.output import Output
from diagnostics.diagnosis.exit_status import fix_code
from diagnostics.errors import Terminated
from diagnostics.fixes.apply import Application
from diagnostics.fixes.dialogue import Dialogue
from diagnostics.fixes.plan import FixPlan, diagnosis_to_fix, plan_of, root_of
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, Interrupted, examine, interruption
from kb.records.models import Entry

WAIT_S = 60.0
"""Seconds for which the probes are run again after the steps, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """Conditions of a fix: who is asked, and what options have consented to."""

    dialogue: Dialogue
    terminal: int | None = None
    """Descriptor of the terminal of the person; None without one."""
    wait_s: float = WAIT_S
    applies: bool = True
    """False to show the steps alone."""
    consents: Sequence[str] = ()
    forced: bool = False


def fixed(examination: Examination, entry: Entry, finding: str, fixing: Fixing, output: Output) -> Report:
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
        dialogue=fixing.dialogue,
        write=output.fix_step,
        wait_s=fixing.wait_s,
        observers=[output.observe],
        terminal=fixing.terminal,
    )
    if not fixing.applies:
        return _ended(report, _planned(application.record(), plan))
    return _applied(application, fixing)


def _applied(application: Application, fixing: Fixing) -> Report:
    try:
        application.run()
    except Interrupted as signal:  # raised while probes ran
        report = replace(signal.report, fix=application.record(), verification=application.verification)
        raise Interrupted(report, signal.code) from None
    except (KeyboardInterrupt, Terminated) as signal:
        report = replace(application.report, fix=application.record(), verification=application.verification)
        raise interruption(signal, report) from None
    record = application.record()
    if record.state == "declined" and fixing.terminal is None:
        record = replace(record, reason=_missing_consent(record, application.plan, fixing))
    return _ended(replace(application.report, verification=application.verification), record)


def _missing_consent(record: FixRecord, plan: FixPlan, fixing: Fixing) -> str:
    """Return the options that would have been the consent to the steps that have a place."""
    if plan.target.production and fixing.consents and not fixing.forced:
        return f"{plan.target.name} is production; add --force-production"
    ids = [step.id for step in record.steps if step.place and step.changes and step.id not in fixing.consents]
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
        reason = f"it follows from {root}, which has to be fixed first: clearpay-doctor fix {root}"
        return FixRecord(entry=entry.id, finding="", target=target, state="nothing_to_run", reason=reason)
    reason = f"no probe finds {finding or 'it'} in this run"
    others = [
        item.entry for item in report.diagnoses if item.verdict == "confirmed" and item.entry != entry.id
    ]
    reason += f"; confirmed: {', '.join(others)}" if others else ""
    return FixRecord(entry=entry.id, finding="", target=target, state="not_confirmed", reason=reason)
