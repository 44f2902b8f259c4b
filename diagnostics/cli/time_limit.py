"""Limit of the time of computations that no deadline of a probe bounds."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from diagnostics.errors import UnreadableInput


@contextmanager
def time_limit(seconds: float | None, message: str) -> Iterator[None]:
    """Raise UnreadableInput in the block after `seconds`; there is no limit without them, or on a thread.

    The block must be pure: it may be left at any point.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_: int, __: FrameType | None) -> None:
        raise UnreadableInput(message)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
