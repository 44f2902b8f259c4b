"""The screen as lines of text, keys, and waiting for a text."""

import asyncio
from collections.abc import Callable
from typing import Final

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tui.app import DoctorApp

PATIENCE_S = 15.0
STEP_S = 0.02
HOPS: Final = 3
"""Rounds in which all widgets empty their queues: a key passes from the widget to the application."""


def lines(app: DoctorApp) -> list[str]:
    """Return the lines of the screen."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def text(app: DoctorApp) -> str:
    """Return the text of the screen."""
    return "\n".join(lines(app))


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the application work until a condition holds. Raises AssertionError with the screen."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await pilot.pause(STEP_S)
    except TimeoutError:
        app = pilot.app
        assert isinstance(app, DoctorApp)
        raise AssertionError(f"the condition never held; the screen is:\n{text(app)}") from None


async def until_text(pilot: Pilot[None], wanted: str) -> None:
    """Let the application work until a text is on the screen."""
    app = pilot.app
    assert isinstance(app, DoctorApp)
    await until(pilot, lambda: wanted in text(app))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each when the last one has been handled.

    Textual's own `press` waits until the process uses no CPU, up to a second; beside a lab it always does.
    """
    for key in keys:
        named = len(key) > 1
        pilot.app.post_message(events.Key(key, None) if named else events.Key(_character_to_key(key), key))
        await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until all keys were delivered and have had their effect, or the application has ended."""
    app = pilot.app
    assert isinstance(app, DoctorApp)
    for _ in range(HOPS):
        handled = asyncio.Event()
        app.call_later(handled.set)
        while not handled.is_set() or not app.keys.idle:
            if app._exit:  # the key has ended the application, which calls nothing later
                return
            await asyncio.sleep(0)
        await pilot.pause(0)
