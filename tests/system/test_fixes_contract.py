"""The fixes of all findings, applied to the lab: each that has a place there is run, verified, and undone."""

import pytest

from diagnostics.engine.deadline import Deadline
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.testing.proof import secrets_of
from tests.support.fixing import Consent, application_of, found
from tests.support.proof import CATALOGUE
from tests.support.requirements import finding_parameters

WITH_A_STEP = [
    finding
    for finding, claim in CATALOGUE.claims.items()
    if any(step.changes and step.kind in {"shell", "sql", "python"} for step in claim.cause.fix)
]
WITH_AN_UNDO = [
    finding
    for finding in WITH_A_STEP
    if any(step.undo_code or step.edit for step in CATALOGUE.claims[finding].cause.fix)
]
RETURN_S = 30.0
"""Seconds in which the error has to be found again after the undo."""


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.parametrize("finding", finding_parameters(WITH_A_STEP))
def test_a_fix_is_applied_and_verified_and_its_undo_brings_the_error_back(healthy: Lab, finding: str) -> None:
    inject(healthy, finding)
    consent, written = Consent(), list[str]()
    application = application_of(healthy.target, finding, consent, written)

    application.run()

    record = application.record()
    done = [step for step in record.steps if step.changes and step.state == "done"]
    shown = repr(record) + repr(consent) + repr(written)
    assert record.state == "verified", (record, consent.lines)
    assert done
    assert all(step.place and step.account and step.undo for step in done)
    assert [secret for secret in secrets_of(healthy) if secret in shown] == []
    assert len(written) == 2 * sum(step.state in {"done", "failed"} for step in record.steps)
    if finding in WITH_AN_UNDO:
        ways = [run for _, run in reversed(application.runs) if run.step.filled.changes and run.way_back]
        assert ways
        for run in ways:
            run.undo(consent.line)
        deadline = Deadline(RETURN_S)
        while not (back := found(healthy.target, finding)) and deadline.left > 0:
            pass  # sessions that the fix let live longer end first
        assert back, [run.way_back for run in ways]
