"""Work beside the screen that posts one message when it is done; never on the loop's own executor."""

import threading
from collections.abc import Callable

from textual.message import Message


def aside(work: Callable[[], Message], post: Callable[[Message], object], name: str) -> None:
    """Do something on a daemon thread; what hangs there delays neither a key nor the end."""
    threading.Thread(target=lambda: post(work()), name=name, daemon=True).start()
