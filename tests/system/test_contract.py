"""The contract of every shipped finding: the lab produces it, its probe reports it, and its fix ends it."""

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.testing import contract
from diagnostics.testing.contract import not_green
from diagnostics.testing.subject import Subject, shipped
from tests.support.proof import check_lab


class TestContract(contract.Contract):
    """Shipped entries keep the contract that packs keep."""

    @classmethod
    def subject(cls) -> Subject:
        """Return the shipped entries."""
        return shipped()

    @pytest.mark.lab
    def test_every_probe_passes_on_the_healthy_lab(self, lab: Lab) -> None:
        """Run all probes, of every layer."""
        report = check_lab(lab)

        assert not_green(report) == {}
        assert report.results
        assert report.diagnoses == ()
