"""What a person would see: the screen as lines of text, and waiting for it without a clock of our own."""

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot

from tui.app import DoctorApp

PATIENCE_S = 15.0
STEP_S = 0.02


def lines(app: DoctorApp) -> list[str]:
    """The screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def text(app: DoctorApp) -> str:
    """The whole screen."""
    return "\n".join(lines(app))


async def until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    """Let the application work until something is seen; fails with the screen as it is then."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not seen():
                await pilot.pause(STEP_S)
    except TimeoutError:
        app = pilot.app
        assert isinstance(app, DoctorApp)
        raise AssertionError(f"never seen; the screen is:\n{text(app)}") from None


async def until_text(pilot: Pilot[None], wanted: str) -> None:
    """Let the application work until a text is on the screen."""
    app = pilot.app
    assert isinstance(app, DoctorApp)
    await until(pilot, lambda: wanted in text(app))
