"""Programs and rights that some faults need: their tests are skipped without them, and fail under CI=true."""

import os
from collections.abc import Iterable, Mapping

import pytest

from diagnostics.lab.faults.fault import Fault
from diagnostics.lab.requirements import available


def needs(program: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the program; under CI=true the test runs, and fails."""
    absent = not available(program) and os.environ.get("CI") != "true"
    return pytest.mark.skipif(absent, reason=f"{program} is not available: make system-deps")


def finding_parameters(findings: Iterable[str], faults: Mapping[str, Fault]) -> list[object]:
    """Return the findings as parameters of a test, each with a mark for what its fault needs."""
    return [
        pytest.param(finding, marks=[needs(program)] if (program := faults[finding].program) else [])
        for finding in findings
    ]
