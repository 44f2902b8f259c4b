"""Watch: a grid of targets, what changes, and since when."""

import asyncio
from dataclasses import replace

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.report.model import Report
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from tests.tui.function_probe import FunctionProbe
from tests.tui.screen_text import press, text, until, until_text
from tui.app import DoctorApp
from tui.shared.history_types import Record
from tui.shared.state import State
from tui.triage.screen import Triage
from tui.watch.screen import WatchScreen

ENTRY = "db-connection-refused"
ONE = Target("one", (endpoint("postgresql://app@127.0.0.1:1/db"),))
TWO = Target("two", (endpoint("postgresql://app@127.0.0.2:1/db"),), TargetSettings(production=True))
SIZE = (80, 24)


class Service:
    """Two databases that a probe examines."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        entry = replace(load_entries()[ENTRY], not_this=(), leads_to=())
        probe = FunctionProbe(self._examine, FINDINGS=("connect.refused", "connect.socket_missing"))
        catalogue = Catalogue({ENTRY: entry}, {"connect": probe})
        self.state = State(
            catalogue, compile_index([entry]), Config(), target=ONE, targets=(ONE, TWO), pause_s=0.05
        )

    def _examine(self, context: Context) -> None:
        if context.target.name in self.refused:
            context.finding("connect.refused")


@pytest.fixture
def service() -> Service:
    return Service()


def watch_of(app: DoctorApp) -> WatchScreen:
    screen = app.base_screen
    assert isinstance(screen, WatchScreen)
    return screen


def test_a_change_is_shown_with_its_time_and_the_bell_rings(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[None] = []
    monkeypatch.setattr(DoctorApp, "bell", lambda _: rings.append(None))

    async def story() -> None:
        app = DoctorApp(service.state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "W")
            await until_text(pilot, "2 targets")
            watch = watch_of(app)
            await until(pilot, lambda: watch.rounds == 1)
            assert not rings
            service.refused.add("two")
            await press(pilot, "r")
            await until(pilot, lambda: watch.rounds == 2)
            await until_text(pilot, "two: connect pass, now fail: connect.refused")
            assert len(rings) == 1
            await press(pilot, "j")
            await until_text(pilot, "connect: connect.refused, since ")
            assert "pass → fail: connect.refused" in text(app)
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(app.base_screen, Triage))
            await until_text(pilot, f"1  ✗ confirmed  {ENTRY}")
            assert service.state.target is TWO
            assert "PRODUCTION" in text(app)

    asyncio.run(story())


def test_rounds_are_repeated_until_w_stops_them(service: Service) -> None:
    recorded: list[Report] = []

    def record(report: Report) -> Record:
        recorded.append(report)
        raise AssertionError("a round is not recorded")

    service.state.recorder = record

    async def story() -> None:
        app = DoctorApp(service.state)
        async with app.run_test(size=SIZE) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "W")
            watch = watch_of(app)
            watch.every_s = 0.1
            await until(pilot, lambda: watch.rounds >= 3)
            await press(pilot, "W")
            await until(pilot, lambda: not watch.runner.busy)
            await until_text(pilot, "stopped: W watches")
            assert not watch.changes

    asyncio.run(story())

    assert not recorded
