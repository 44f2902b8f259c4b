"""Programs of the system that some tests need: a test is skipped without them, and fails under CI=true."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from diagnostics.lab.faults import FAULTS
from diagnostics.testing import requirements
from diagnostics.testing.requirements import needs


def needs_file(path: Path, description: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the file; under CI=true the test runs, and fails."""
    return pytest.mark.skipif(
        not path.exists() and os.environ.get("CI") != "true", reason=f"{path} is missing: {description}"
    )


def finding_parameters(findings: Iterable[str]) -> list[object]:
    """Return the findings as parameters of a test, each with a mark for what its fault needs."""
    return requirements.finding_parameters(findings, FAULTS)


needs_pgbouncer = needs("pgbouncer")
needs_nginx = needs("nginx")
needs_prometheus = needs("prometheus")
needs_promtool = needs("promtool")
