"""Work on a daemon thread that posts one message as its result.

The event loop's own executor is not used: it waits for its threads when the application ends.
"""

import threading
from collections.abc import Callable

from textual.message import Message


def run_in_background(work: Callable[[], Message], post: Callable[[Message], object], name: str) -> None:
    """Run `work` on a daemon thread named `name` and post its result; a hanging thread delays nothing."""
    threading.Thread(target=lambda: post(work()), name=name, daemon=True).start()
