"""What several tests share: one lab for each worker."""

import os
from collections.abc import Iterator

import pytest

from diagnostics.lab.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Real servers on loopback, healthy when a test begins and repaired by the test that broke them."""
    with Lab() as running:
        yield running


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the settings and the history of the person who runs it."""
    for name in list(os.environ):
        if (
            name.startswith("PG")
            or name.lower().endswith("_proxy")
            or name in {"DATABASE_URL", "CLEARPAY_DOCTOR_CONFIG"}
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "data"))
