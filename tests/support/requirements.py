"""Programs of the system that some tests need: a test is skipped without them, and fails under CI=true."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from diagnostics.lab.faults import FAULTS

SEARCH_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def needs(program: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the program; under CI=true the test runs, and fails."""
    missing = shutil.which(program, path=SEARCH_PATH) is None
    return pytest.mark.skipif(
        missing and os.environ.get("CI") != "true", reason=f"{program} is not installed: make system-deps"
    )


def needs_file(path: Path, description: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the file; under CI=true the test runs, and fails."""
    return pytest.mark.skipif(
        not path.exists() and os.environ.get("CI") != "true", reason=f"{path} is missing: {description}"
    )


def finding_parameters(findings: Iterable[str]) -> list[ParameterSet]:
    """Return the findings as parameters of a test, each with a mark for the program that its fault needs."""
    return [
        pytest.param(finding, marks=[needs(program)] if (program := FAULTS[finding].program) else [])
        for finding in findings
    ]


needs_pgbouncer = needs("pgbouncer")
needs_nginx = needs("nginx")
