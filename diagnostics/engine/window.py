"""Window over which a probe watches a server, and the part of it that was seen.

A window that a deadline, a budget or a lost connection cut short leaves the question of the probe open: the
outcome is `unknown` unless a finding was made, and its reason begins with the seconds that were seen.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell

RESERVE_S = 4.0
"""Seconds kept for the queries after a window, but at most half of what is left."""
TOLERANCE_S = 0.05
"""Seconds that a complete window may lack because of rounding."""


class Window:
    """Window under way: `planned_s` seconds are wanted, and the deadline leaves `granted_s` of them."""

    def __init__(self, planned_s: float, granted_s: float) -> None:
        self.planned_s = planned_s
        self.granted_s = granted_s
        self._began = time.monotonic()
        self._ended = 0.0
        self._decided = False

    @property
    def left(self) -> float:
        """Seconds until the end of the window, 0 after it."""
        return max(0.0, self._began + self.granted_s - time.monotonic())

    @property
    def seconds(self) -> float:
        """Seconds since the window began; its length after its end."""
        return (self._ended or time.monotonic()) - self._began

    @property
    def complete(self) -> bool:
        """True if the probe saw all that was planned, or enough of it for a finding."""
        return self._decided or self.seconds >= self.planned_s - TOLERANCE_S

    def decide(self) -> None:
        """Record that a finding is certain and the rest of the window is not needed."""
        self._decided = True

    def polls(self, every_s: float) -> Iterator[None]:
        """Yield at once, then every `every_s` seconds, and a last time at the end of the window."""
        yield
        while not self._decided and (left := self.left) > 0:
            time.sleep(min(every_s, left))
            yield

    def wait(self) -> None:
        """Sleep until the end of the window."""
        time.sleep(self.left)

    def close(self) -> None:
        """End the window."""
        self._ended = time.monotonic()


@contextmanager
def watch(context: Context, seconds: float, *, step: str = "watch") -> Iterator[Window]:
    """Open a window of `seconds`, or of what the deadline leaves, and report one that was cut short.

    A CannotTell in the block ends the window and not the probe: what was seen until then still counts.
    """
    left = context.deadline.left
    window = Window(seconds, max(0.0, min(seconds, left - min(RESERVE_S, left / 2))))
    reason = ""
    with context.step(step) as opened:
        try:
            yield window
        except CannotTell as error:
            reason = str(error)
        window.close()
        opened.detail = f"{window.seconds:.1f} s"
    if not window.complete or reason:
        because = reason or f"the probe had {round(context.deadline.seconds, 1):g} s in all"
        context.unknown(f"watched for {window.seconds:.1f} of {seconds:g} s: {because}", first=True)
