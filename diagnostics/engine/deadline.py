"""Time as a budget: nothing blocks for longer than what is left of it."""

import time
from collections.abc import Callable

from diagnostics.errors import OutOfTime


class Deadline:
    """A moment on the monotonic clock, `seconds` from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = seconds
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline, 0 once it has passed."""
        return max(0.0, self._end - self._clock())

    def within(self, cap: float) -> float:
        """Seconds that the next blocking step may take, at most `cap`. Raises OutOfTime at the end."""
        left = self.left
        if left <= 0:
            raise OutOfTime(f"no time left of {self.seconds:g} s")
        return min(cap, left)
