"""The contract of every finding as a pytest plugin: a fault produces it, it is named, its fix ends it.

In `conftest.py` of a pack `pytest_plugins = ["diagnostics.testing.contract"]` provides the lab, and a class
proves the pack:

    from diagnostics.testing import contract

    class TestContract(contract.Contract):
        pack = "payouts"
"""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from diagnostics.diagnosis.catalogue import MANUAL, probe_of
from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from diagnostics.testing.proof import Proof, check_target, confirmed, probes_of_layer, prove
from diagnostics.testing.requirements import finding_parameters
from diagnostics.testing.subject import Subject, folders, pack_named
from kb.matching.matcher import match
from kb.text.sanitize import clean

GREEN = frozenset({"pass", "skipped"})


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Yield real servers on loopback; a test that breaks the lab repairs it."""
    with Lab() as running:
        yield running


class Contract:
    """Tests of the entries of a pack, or of a team's folders; a test class derives from it."""

    pack: ClassVar[str] = ""
    """Name of the pack: that of its entry point."""
    kb: ClassVar[tuple[str, ...]] = ()
    """Folders of entries, in place of a pack."""

    @classmethod
    def subject(cls) -> Subject:
        """Return the entries that are proven. Raises InvalidRecord with the problems of their records."""
        return pack_named(cls.pack) if cls.pack else folders(*cls.kb)

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """Make a test of each finding."""
        if "finding" in metafunc.fixturenames:
            subject = cls.subject()
            proven = [finding for finding in subject.findings if finding in subject.faults]
            metafunc.parametrize("finding", finding_parameters(proven, subject.faults))

    def test_every_finding_has_a_fault_and_every_fault_a_finding(self) -> None:
        """Compare the findings of the entries with the faults."""
        subject = self.subject()
        assert set(subject.faults) == set(subject.findings)

    def test_records_and_probes_agree_on_every_code(self) -> None:
        """Look for findings without a cause, and for causes without a probe."""
        subject = self.subject()
        assert list(subject.catalogue.problems(subject.own, lint=True)) == []

    def test_every_sample_of_a_record_leads_to_the_record(self) -> None:
        """Match the samples of the records; one that stands for two entries leads to both."""
        subject = self.subject()
        for entry in subject.entries:
            for sample in (sample for symptom in entry.symptoms for sample in symptom.samples):
                matches = match(clean(sample.text), subject.index)
                first = [found.entry for found in matches if found.score == matches[0].score]
                assert entry.id in first, sample.text

    def test_every_probe_passes_on_the_healthy_lab(self, lab: Lab) -> None:
        """Run the probes of the layers of the entries on the healthy lab."""
        subject = self.subject()
        layers = {entry.layer for entry in subject.entries}
        probes = [name for layer in sorted(layers) for name in probes_of_layer(layer, subject.catalogue)]
        report = check_target(lab.target, subject.catalogue, list(dict.fromkeys(probes)))

        assert not_green(report) == {}
        assert report.diagnoses == ()

    def test_a_fault_is_seen_named_fixed_and_gone(self, lab: Lab, finding: str) -> None:
        """Break the lab, look, run the fix, and look again."""
        subject = self.subject()
        proof = prove(lab, finding, subject)

        assert list(broken_promises(proof, finding, subject)) == []


def not_green(report: Report) -> dict[str, str]:
    """Return the outcomes of the probes that neither passed nor were skipped, with their reasons."""
    return {
        result.key.probe: f"{result.outcome} {result.reason}".strip()
        for result in report.results
        if result.outcome not in GREEN
    }


def broken_promises(proof: Proof, finding: str, subject: Subject) -> Iterator[str]:
    """Yield a line for each part of the contract that a finding does not keep."""
    if not proof.healthy.results or not_green(proof.healthy):
        yield f"the healthy lab is not green: {not_green(proof.healthy)}"
    yield from _named(proof, finding, subject)
    yield from _seen(proof, finding, subject)
    if proof.leaked:
        yield "the report has secrets of the lab"
    if proof.after:
        yield f"the correct program fails after the fix: {proof.after}"
    if not_green(proof.repaired):
        yield f"the lab is not green after the fix: {not_green(proof.repaired)}"


def _named(proof: Proof, finding: str, subject: Subject) -> Iterator[str]:
    """Yield what the failing program should have printed and cost, and its text have matched."""
    claim, fault = subject.catalogue.claims[finding], subject.faults[finding]
    if fault.prints not in proof.printed:
        yield f"the failing program prints no {fault.prints!r}: {proof.printed}"
    expected = fault.text_of or claim.entry.id
    if fault.prints and proof.first_match != expected:
        yield f"its text matches {proof.first_match or 'nothing'} first, not {expected}: {proof.printed}"
    if proof.cost_ratio < fault.cost_ratio:
        yield f"the flawed program costs {proof.cost_ratio:.1f} times the correct one: {fault.cost_ratio:g}"


def _seen(proof: Proof, finding: str, subject: Subject) -> Iterator[str]:
    """Yield what the probes and the text should have shown during the fault."""
    claim, fault = subject.catalogue.claims[finding], subject.faults[finding]
    entry = claim.entry.id
    roots = [(root.entry, root.finding) for root in confirmed(proof.broken)]
    verdicts = [(each.entry, each.verdict, each.finding) for each in proof.broken.diagnoses]
    if probe_of(finding) == MANUAL:
        by_text = [each.verdict for each in proof.by_text if each.entry == entry]
        if roots or by_text != ["past"]:
            yield f"{entry} by the text is {by_text}, not past; confirmed: {roots}"
    elif fault.warning:
        if verdicts != [(entry, "suspected", finding)]:
            yield f"{entry} is not suspected alone by {finding}: {verdicts}; {not_green(proof.broken)}"
    elif roots != [(entry, finding)]:
        yield f"{entry} is not confirmed alone by {finding}: {roots}; {not_green(proof.broken)}"
