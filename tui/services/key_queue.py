"""Serial delivery of keys and pastes: the next one waits until the one before has had its whole effect.

Textual hands each key of a read to the widget that has the focus at that moment, although the key before may
be about to open a dialog: over a slow link, where several keys arrive at once, the rest of a word would act
on the screen below (Textualize/textual, issue 6605).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, NamedTuple

from textual.app import App, ScreenStackError
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

MAX_WAIT_S: Final = 10.0
"""Time after which the next key is delivered although the effect of the last one has not ended."""

FOCUS_WITHIN_S: Final = 0.3
"""Time in which a new screen focuses a widget; one that focuses none is then ready as it is."""
MAX_HOLD_S: Final = 10.0
"""Time after which keys are delivered although the work in the background has not ended."""
CLOSED_WITHIN_S: Final = 0.05
"""Interval in which a widget is asked whether it still handles messages."""


class KeyQueue:
    """Keys and pastes that have not been delivered yet, in their order; it is held until `release`."""

    def __init__(self, app: App[None], deliver: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Key | Paste] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._released = asyncio.Event()

    def put(self, event: Key | Paste) -> None:
        """Add a key or a paste; it is delivered after those that wait."""
        self._waiting.append(event)
        if self.idle:
            self._delivery = asyncio.create_task(self._deliver_all())

    def clear(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def hold(self) -> None:
        """Deliver nothing until `release`, or `MAX_HOLD_S`: work in the background will change the screen."""
        self._released.clear()

    def release(self) -> None:
        """Deliver what waits."""
        self._released.set()

    @property
    def idle(self) -> bool:
        """True if everything was delivered and has had its effect."""
        return self._delivery is None or self._delivery.done()

    async def _deliver_all(self) -> None:
        try:
            await self._settle()
            while self._waiting and not self._ended:
                await self._deliver(self._waiting.popleft())
                await self._settle()
        finally:
            self._delivery = None

    async def _settle(self) -> None:
        """Wait for work in the background, and for the effect of the last key."""
        while not self._ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._released.wait(), MAX_HOLD_S)
            self._released.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled(), MAX_WAIT_S)
            if self._released.is_set():
                return

    async def _settled(self) -> None:
        """Wait until the focus has stayed the same while all messages of the focused widgets were handled.

        A screen that was just opened counts once it is mounted and the widget that gets its keys has the
        focus: before that a key would reach a widget that is about to lose it.
        """
        before: _Focus | None = None
        began = time.monotonic()
        while not self._ended and self._released.is_set():
            await asyncio.sleep(0)
            now = self._focus()
            for pump in self._pumps(now):
                await _queue_emptied(pump)
            if now != before:
                before, began = now, time.monotonic()
            elif now and self._focus() == now and _is_ready(now, time.monotonic() - began):
                return

    @property
    def _ended(self) -> bool:
        return self._app._exit  # noqa: SLF001  Textual has no public name for it

    def _focus(self) -> "_Focus | None":
        """Return the current screen and its focused widget; None while a mode is changed."""
        try:
            screen = self._app.screen
        except ScreenStackError:
            return None
        return _Focus(screen, screen.focused)

    def _pumps(self, focus: "_Focus | None") -> list[MessagePump]:
        """Return the focused widget, all that it is in, and the application, as an event bubbles."""
        if focus is None:
            return [self._app]
        widget = focus.widget or focus.screen
        return [widget, *widget.ancestors]


class _Focus(NamedTuple):
    """A screen and the widget on it that gets keys."""

    screen: Screen[object]
    widget: Widget | None


def _is_ready(focus: _Focus, seconds: float) -> bool:
    """Return True if keys reach the widget that they are meant for; `seconds` is the age of the focus."""
    if not (focus.screen.is_mounted and focus.screen.is_running):
        return False
    if focus.widget is None:
        return seconds > FOCUS_WITHIN_S
    return focus.widget.is_mounted and focus.widget.has_focus


async def _queue_emptied(pump: MessagePump) -> None:
    """Wait until a widget has handled the messages that it has now."""
    handled = asyncio.Event()
    waiting = pump.is_running and pump.call_later(handled.set)
    while waiting and pump.is_running and not handled.is_set():
        with suppress(TimeoutError):  # a closed widget drops its messages
            await asyncio.wait_for(handled.wait(), CLOSED_WITHIN_S)
