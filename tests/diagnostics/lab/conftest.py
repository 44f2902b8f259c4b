"""A lab for each PostgreSQL of this machine: the default one, and the others with the mark `matrix`."""

from collections.abc import Iterator

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.binaries import Binaries, find_all

LABS = [
    pytest.param(each, id=f"pg{each.version}", marks=[pytest.mark.matrix] if number else [])
    for number, each in enumerate(find_all())
]


@pytest.fixture(scope="session", params=LABS)
def any_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Yield one lab for all tests of a PostgreSQL."""
    using: Binaries = request.param
    with Lab(using) as running:
        yield running


@pytest.fixture
def lab(any_lab: Lab) -> Iterator[Lab]:
    """Yield the lab, repaired after each test."""
    yield any_lab
    any_lab.repair()
