"""Keys that arrive in one read have the effect of the same keys pressed one by one."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import new_state
from tests.tui.screen_text import press, settled, text, until_text
from tests.tui.terminal import Terminal
from tui.app import DoctorApp
from tui.entry.screen import EntryScreen
from tui.keys import MODE_SCREENS, actions_of

pytestmark = pytest.mark.slow

SIZE = (80, 24)
WORD = "pool"
"""Typed after a key: as commands its letters open a dialog and the page of an entry."""
LEAVE = {"app.quit", "app.edit_text"}
"""Actions that end the application or give the terminal away; tested in a terminal."""
ENTRY = "db-deadlock"
PRESSED = list(
    {
        action.id: (screen, action.id, action.keys[0])
        for screen in reversed(MODE_SCREENS)
        for action in actions_of(screen)
        if action.id not in LEAVE
    }.values()
)
"""Each action once, on the first screen that has it."""


@pytest.fixture(scope="module", autouse=True)
def busy_machine() -> Iterator[None]:
    """Keep a core busy, so that widgets answer late."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    busy.kill()
    busy.wait()


async def opened(pilot: Pilot[None], screen: str) -> None:
    """Open a screen of the application."""
    app = pilot.app
    assert isinstance(app, DoctorApp)
    await until_text(pilot, "known errors")
    if screen == "entry":
        app.push_screen(EntryScreen(ENTRY))
        await until_text(pilot, "esc back")
    elif screen == "triage":
        assert app.base_screen
        app.base_screen.submit_text("ERROR:  deadlock detected")
        await until_text(pilot, "Candidates")
    elif screen == "runs":
        await press(pilot, "3")
    await settled(pilot)


async def press_at_once(pilot: Pilot[None], *keys: str) -> None:
    """Press keys as they arrive in one read."""
    for key in keys:
        named = len(key) > 1
        pilot.app.post_message(events.Key(key, None) if named else events.Key(_character_to_key(key), key))
    await asyncio.sleep(0)
    await settled(pilot)


def screen_after(screen: str, keys: tuple[str, ...], *, at_once: bool) -> tuple[str, str, list[str]]:
    """Return the class of the screen, its text and the values of its inputs after some keys."""

    async def story() -> tuple[str, str, list[str]]:
        app = DoctorApp(new_state())
        async with app.run_test(size=SIZE) as pilot:
            await opened(pilot, screen)
            await (press_at_once if at_once else press)(pilot, *keys)
            inputs = [field.value for field in app.screen.query(Input)]
            return type(app.screen).__name__, text(app), inputs

    return asyncio.run(story())


@pytest.mark.parametrize(("screen", "action", "key"), PRESSED)
def test_an_action_followed_by_a_word_in_one_read(screen: str, action: str, key: str) -> None:
    keys = (key, *WORD)

    assert screen_after(screen, keys, at_once=True) == screen_after(screen, keys, at_once=False), action


@pytest.mark.parametrize("key", ["p", "slash", "T"])
def test_a_word_after_a_key_that_asks_for_one_is_in_the_input(key: str) -> None:
    _, _, inputs = screen_after("browse", (key, *WORD), at_once=True)

    assert WORD in inputs


@pytest.mark.parametrize("typed", [b"q3", b"qy", b"qee", b"q123", b"qL", b"qpool\r"])
def test_keys_after_quitting_are_dropped(typed: bytes) -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(typed)

        assert terminal.ended() == 0
        assert "internal error" not in terminal.text


def test_a_word_typed_in_one_write_filters_the_list_of_a_terminal() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(b"/deadlock\r")
        terminal.wait_for("1 of ")
        terminal.send(b"\rq")

        assert terminal.ended() == 0


def test_keys_typed_before_the_first_paint_are_kept() -> None:
    with Terminal("tui") as terminal:
        terminal.send(b"/deadlock\r")
        terminal.wait_for("1 of ")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_what_follows_the_end_of_a_paste_presses_no_key() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(b"\x1b[200~ERROR:  deadlock detected\x1b[201~qLe and so on\x1b[201~")
        terminal.wait_for("Candidates")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_a_paste_without_marks_presses_no_key() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(b"ERROR:  deadlock detected\nDETAIL:  Process 4711 waits for ShareLock\nq")
        terminal.wait_for("db-deadlock")
        terminal.wait_for("Candidates")
        terminal.send(b"q")

        assert terminal.ended() == 0
