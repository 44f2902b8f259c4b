"""A lab on each PostgreSQL of this machine: the default always, the others in the matrix."""

from collections.abc import Iterator

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.binaries import Binaries, find_all

FOUND = [
    pytest.param(found, id=f"pg{found.version}", marks=[pytest.mark.matrix] if number else [])
    for number, found in enumerate(find_all())
]


@pytest.fixture(scope="session", params=FOUND)
def any_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Lives for all tests of one PostgreSQL."""
    using: Binaries = request.param
    with Lab(using) as running:
        yield running


@pytest.fixture
def lab(any_lab: Lab) -> Iterator[Lab]:
    """The same, healthy again after each test."""
    yield any_lab
    any_lab.repair()
