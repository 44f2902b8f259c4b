"""The fixes of all findings, applied to the lab: what has a place there is run through `fix`, and ends green."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from diagnostics.fixes.apply import Application
from diagnostics.fixes.dialogue import Choice, Offer
from diagnostics.fixes.plan import FixPlan, diagnosis_to_fix, plan_of
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.report.fix_record import FixedStep, FixRecord
from diagnostics.run.examination import Examination, examine
from tests.support.proof import CATALOGUE, secrets_of
from tests.support.requirements import finding_parameters

RUN_KINDS = {"shell", "sql", "python"}
WAIT_S = 20.0
WITH_A_STEP = [
    finding
    for finding, claim in CATALOGUE.claims.items()
    if any(step.changes and step.kind in RUN_KINDS for step in claim.cause.fix)
]
NO_PLACE = frozenset({"tls.weak_digest"})
"""Findings whose steps the lab has no place for."""


@dataclass
class Consent:
    """Dialogue that consents to every step, and keeps what it was shown."""

    offers: list[Offer] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    ended: list[FixedStep] = field(default_factory=list)

    def choose(self, offer: Offer) -> Choice:
        self.offers.append(offer)
        return "run"

    def choose_sessions(self, offer: Offer) -> Sequence[str]:
        return offer.sessions

    def carried_out(self) -> bool:
        return False

    def undoes(self, step: FixedStep, way: str) -> bool:
        self.lines.append(way)
        return True

    def copies(self, step: FixedStep) -> None:
        self.ended.append(step)

    def begins(self, step: FixedStep) -> None:
        pass

    def line(self, text: str) -> None:
        self.lines.append(text)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        self.lines += [" ".join(row) for row in rows]

    def ends(self, step: FixedStep) -> None:
        self.ended.append(step)

    def verifies(self, number: int, left_s: float) -> None:
        pass


def plan_on(lab: Lab, finding: str) -> tuple[FixPlan, Application, Consent]:
    """Examine the lab and return the plan for a finding, with its application and dialogue."""
    entry = CATALOGUE.claims[finding].entry
    probes = CATALOGUE.with_needs(CATALOGUE.probes_of(entry))
    examination = Examination(catalogue=CATALOGUE, targets=(lab.target,), active=True).with_probes(probes)
    report = examine(examination)
    diagnosis = diagnosis_to_fix(report, entry.id, finding)
    assert diagnosis is not None, [(item.entry, item.verdict, item.finding) for item in report.diagnoses]
    plan = plan_of(diagnosis, lab.target, CATALOGUE, examination.redactor)
    consent = Consent()
    written: list[str] = []
    application = Application(
        plan=plan,
        examination=examination,
        report=report,
        dialogue=consent,
        write=lambda event, step: written.append(f"{event} {step}"),
        wait_s=WAIT_S,
    )
    return plan, application, consent


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.parametrize("finding", finding_parameters(WITH_A_STEP))
def test_a_fix_that_has_a_place_is_applied_and_verified(healthy: Lab, finding: str) -> None:
    inject(healthy, finding)
    plan, application, consent = plan_on(healthy, finding)

    application.run()

    record: FixRecord = application.record()
    shown = repr(record) + repr(consent)
    assert record.state == "verified", (record, consent.lines)
    assert [secret for secret in secrets_of(healthy) if secret in shown] == []
    assert any(step.state == "done" and step.changes for step in record.steps)
    assert all(
        step.place and step.account and step.undo
        for step in record.steps
        if step.state == "done" and step.changes
    )
    assert plan.diagnosis.finding == finding
