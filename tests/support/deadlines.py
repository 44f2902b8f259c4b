"""Time limits in tests that other work on the machine must not fail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

MARGIN_S = 5.0
"""Seconds that a busy machine may add. What hangs in these tests would hang longer."""


class TooSlow(AssertionError):
    """A block exceeded its time limit; tests/conftest.py runs the test again, twice at most."""


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Raise TooSlow if the block takes longer than these seconds and the margin of a busy machine."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    if took >= seconds + MARGIN_S:
        raise TooSlow(f"took {took:.1f} s, more than {seconds + MARGIN_S:.1f} s")
