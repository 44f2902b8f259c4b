"""Serial delivery of keys and pastes: the next one waits until the one before has had its whole effect.

Textual hands each key of a read to the widget that has the focus at that moment, although the key before may
be about to open a dialog: over a slow link, where several keys arrive at once, the rest of a word would act
on the screen below (Textualize/textual, issue 6605).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump

MAX_WAIT_S: Final = 3.0
"""Time after which the next key is delivered although the effect of the last one has not ended."""

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
        await self._settle()
        while self._waiting and not self._ended:
            await self._deliver(self._waiting.popleft())
            await self._settle()
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
        """Wait until the focus has stayed the same while all messages of the focused widgets were handled."""
        before = None
        while not self._ended and self._released.is_set():
            await asyncio.sleep(0)
            for pump in list(self._pumps()):
                await _queue_emptied(pump)
            now = (self._app.screen, self._app.focused)
            if now == before and self._app.screen.is_mounted:
                return
            before = now

    @property
    def _ended(self) -> bool:
        return self._app._exit  # noqa: SLF001  Textual has no public name for it

    def _pumps(self) -> Iterator[MessagePump]:
        """Yield the focused widget, all that it is in, and the application: the way that an event bubbles."""
        widget = self._app.focused or self._app.screen
        return iter((widget, *widget.ancestors))


async def _queue_emptied(pump: MessagePump) -> None:
    """Wait until a widget has handled the messages that it has now."""
    handled = asyncio.Event()
    waiting = pump.is_running and pump.call_later(handled.set)
    while waiting and pump.is_running and not handled.is_set():
        with suppress(TimeoutError):  # a closed widget drops its messages
            await asyncio.wait_for(handled.wait(), CLOSED_WITHIN_S)
