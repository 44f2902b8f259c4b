"""Deadline on the monotonic clock, which bounds every blocking call."""

import time
from collections.abc import Callable

from diagnostics.errors import OutOfTime

DEFAULT_RUN_S = 60.0
"""Seconds of a run for which no deadline is given."""


class Deadline:
    """Point in time `seconds` from now on the monotonic clock."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = seconds
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline, 0 after it."""
        return max(0.0, self._end - self._clock())

    def within(self, cap: float) -> float:
        """Return the seconds that the next blocking call may take, at most `cap`.

        Raises OutOfTime after the deadline.
        """
        left = self.left
        if left <= 0:
            raise OutOfTime(f"no time left of {self.seconds:g} s")
        return min(cap, left)
