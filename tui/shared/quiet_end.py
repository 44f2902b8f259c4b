"""Handlers of an application that ends."""

from collections.abc import Awaitable, Callable, Iterable

from textual.message import Message
from textual.message_pump import MessagePump


class QuietEnd(MessagePump):
    """An application or a screen whose own handlers are not called once `exit` was called.

    Textual then removes the widgets one by one, and moves the focus; threads still post events of their runs.
    Our handlers would look for widgets that are gone.
    """

    def _get_dispatch_methods(
        self, method_name: str, message: Message
    ) -> Iterable[tuple[type, Callable[[Message], Awaitable[object]]]]:
        ended = self.app._exit  # noqa: SLF001  Textual has no public name for it
        for owner, method in super()._get_dispatch_methods(method_name, message):
            if not (ended and owner.__module__.startswith("tui.")):
                yield owner, method
