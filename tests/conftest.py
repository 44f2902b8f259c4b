"""What several tests share: one lab for each worker."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from diagnostics.lab.lab import Lab

settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
# How fast examples come says something of the machine that others share, and nothing of the code.


TOGETHER = ("tests/site/", "tests/system/test_runbooks.py")
"""Tests that share what is slow to make, the built site and the walks: one worker has all of a place."""


SERVERS = {"lab": {"lab"}, "site": {"sites", "browser"}}
"""Marks by the fixtures that earn them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts servers, by its fixtures, so that `make check` can leave it out."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in SERVERS.items():
            if used & fixtures:
                item.add_marker(mark)


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types for it
    """Gives out tests one by one, but for those that stay together.

    xdist's own marks of groups do nothing with pytest 9.2, which no longer takes the names that they change.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlace:
    """The order of `make unit`."""
    return ByPlace(config, log)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Real servers on loopback, healthy when a test begins and repaired by the test that broke them."""
    with Lab() as running:
        yield running


@pytest.fixture
def healthy(lab: Lab) -> Iterator[Lab]:
    """The same, healthy again after a test that breaks it."""
    yield lab
    lab.repair()


@pytest.fixture
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder, a home and a history of the test's own, for commands that run in its process."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


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
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
