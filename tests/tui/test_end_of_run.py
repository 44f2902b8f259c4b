"""Quitting while probes send events: what arrives afterwards changes nothing, and the exit code is 0."""

import asyncio
import time
from dataclasses import replace

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.context import Context
from diagnostics.targets.target import Target, endpoint
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from tests.tui.function_probe import FunctionProbe
from tests.tui.screen_text import press, until_text
from tui.app import DoctorApp
from tui.shared.messages import EntryChosen, RunsListed
from tui.shared.state import State

ENTRY = "db-connection-refused"
TARGET = Target("here", (endpoint("postgresql://app@127.0.0.1:1/db"),))
FLOOD_S = 1.5


def flood(context: Context) -> None:
    """Send an event each millisecond."""
    until = time.monotonic() + FLOOD_S
    while time.monotonic() < until:
        with context.step("wait"):
            time.sleep(0.001)


def state_of_flood() -> State:
    entry = replace(load_entries()[ENTRY], not_this=(), leads_to=())
    probe = FunctionProbe(flood, FINDINGS=("connect.refused", "connect.socket_missing"))
    return State(
        Catalogue({ENTRY: entry}, {"connect": probe}), compile_index([entry]), Config(), target=TARGET
    )


@pytest.mark.parametrize("screen", ["triage", "browse"])
def test_quitting_in_mid_run_is_no_error(screen: str) -> None:
    async def story() -> None:
        app = DoctorApp(state_of_flood())
        async with app.run_test(size=(80, 24)) as pilot:
            await until_text(pilot, "known errors")
            if screen == "triage":
                app.post_message(EntryChosen(ENTRY, run=True))
            else:
                await press(pilot, "r")
            await until_text(pilot, "running")
            await press(pilot, "q")
        assert app.failure is None
        assert app.return_code == 0

    asyncio.run(story())


def test_a_message_after_the_end_is_ignored() -> None:
    async def story() -> None:
        app = DoctorApp(state_of_flood())
        async with app.run_test(size=(80, 24)) as pilot:
            await until_text(pilot, "known errors")
            await press(pilot, "3")
            await app.screen.query_one("#list_title").remove()
            app.exit()
            app.screen.post_message(RunsListed(()))
        assert app.failure is None
        assert app.return_code == 0

    asyncio.run(story())
