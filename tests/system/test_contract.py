"""The contract of every finding: the lab produces it, its probe reports exactly it, and the fix ends it."""

import pytest

from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from tests.support.proof import CATALOGUE, check_lab, confirmed, prove
from tests.support.requirements import finding_parameters

GREEN = {"pass", "skipped"}
WARNINGS = sorted(finding for finding, fault in FAULTS.items() if fault.warning)


def outcomes(report: Report) -> dict[str, str]:
    return {result.key.probe: f"{result.outcome} {result.reason}".strip() for result in report.results}


def green(report: Report) -> bool:
    return all(result.outcome in GREEN for result in report.results) and bool(report.results)


def test_every_claimed_finding_has_a_fault_and_every_fault_is_claimed() -> None:
    assert set(FAULTS) == set(CATALOGUE.claims)


def test_records_and_probes_agree_on_every_code() -> None:
    assert list(CATALOGUE.problems()) == []


@pytest.mark.lab
def test_every_probe_passes_on_the_healthy_lab(lab: Lab) -> None:
    report = check_lab(lab)

    assert green(report), outcomes(report)
    assert report.diagnoses == ()


@pytest.mark.lab
@pytest.mark.parametrize(
    "finding", finding_parameters(code for code in CATALOGUE.claims if code not in WARNINGS)
)
def test_a_fault_is_seen_named_fixed_and_gone(lab: Lab, finding: str) -> None:
    claim, fault = CATALOGUE.claims[finding], FAULTS[finding]

    proof = prove(lab, finding)

    assert green(proof.healthy), outcomes(proof.healthy)
    assert proof.cost_ratio >= fault.cost_ratio
    assert fault.prints in proof.printed
    if fault.prints:
        assert proof.first_match == (fault.text_of or claim.entry.id), proof.printed
    assert [(root.entry, root.finding) for root in confirmed(proof.broken)] == [(claim.entry.id, finding)], (
        outcomes(proof.broken)
    )
    assert proof.leaked == ()
    assert proof.after == ""
    assert green(proof.repaired), outcomes(proof.repaired)


@pytest.mark.lab
@pytest.mark.parametrize("finding", finding_parameters(WARNINGS))
def test_a_warning_is_seen_before_anything_fails_and_ends_with_the_fix(lab: Lab, finding: str) -> None:
    claim = CATALOGUE.claims[finding]

    proof = prove(lab, finding)

    assert green(proof.healthy), outcomes(proof.healthy)
    assert confirmed(proof.broken) == []
    assert [(each.entry, each.verdict, each.finding) for each in proof.broken.diagnoses] == [
        (claim.entry.id, "suspected", finding)
    ]
    assert proof.leaked == ()
    assert proof.after == ""
    assert green(proof.repaired), outcomes(proof.repaired)
