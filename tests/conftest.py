"""Fixtures and hooks of all tests: one lab per worker, isolation from the user, grouping on workers."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from diagnostics.lab.lab import Lab
from tests.support.deadlines import TooSlow

# The speed of examples depends on other work on the machine, not on the code.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


pytest_plugins = ["diagnostics.testing.contract"]  # the lab
TOGETHER = ("tests/site/", "tests/system/test_runbooks.py")
"""Tests that share slow results, the built site and the runs of runbooks: one worker runs each group."""


SERVERS = {"lab": {"lab"}, "site": {"sites", "browser"}}
"""Fixtures that start servers, by the mark of their tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start servers, by their fixtures, so that `make check` can leave them out."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in SERVERS.items():
            if used & fixtures:
                item.add_marker(mark)


class GroupedScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types for it
    """Distribute tests one by one, except the groups.

    The marks of xdist for groups have no effect with pytest 9.2, which no longer accepts changed test ids.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((path for path in TOGETHER if nodeid.startswith(path)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupedScheduling:
    """Return the scheduler of `make unit`."""
    return GroupedScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Call a test, and again if it exceeded a time limit, twice at most: the machine may be busy."""
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    for _ in range(2):
        with suppress(TooSlow):
            pyfuncitem.obj(**arguments)
            return True
    pyfuncitem.obj(**arguments)
    return True


@pytest.fixture
def healthy(lab: Lab) -> Iterator[Lab]:
    """Yield the lab, and repair it after the test."""
    yield lab
    lab.repair()


@pytest.fixture
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set a working folder, home and history of the test, for commands that run in its process."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hide the settings and the history of the user from every test."""
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
