"""Programs of the system that some tests need: a test is skipped without them, and fails under CI=true."""

import os
import shutil
from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

from diagnostics.lab.faults import FAULTS

SEARCH_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def needs(program: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the program; under CI=true the test runs, and fails."""
    missing = shutil.which(program, path=SEARCH_PATH) is None
    return pytest.mark.skipif(
        missing and os.environ.get("CI") != "true", reason=f"{program} is not installed: make system-deps"
    )


def findings_with_marks(findings: Iterable[str]) -> list[ParameterSet]:
    """Return findings as parameters of a test, which is skipped where the fault needs a missing program."""
    requirements = {finding: FAULTS[finding].requires for finding in findings}
    return [
        pytest.param(finding, marks=[needs(requirement.program)] if requirement else [])
        for finding, requirement in requirements.items()
    ]


needs_pgbouncer = needs("pgbouncer")
needs_nginx = needs("nginx")
