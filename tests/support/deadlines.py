"""What must end by a deadline, on a machine that may be busy with other tests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

ROOM_S = 5.0
"""Seconds that a busy machine may add. What hangs in these tests would hang for longer still."""


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Assert that the block takes no more than these seconds, and the room of a busy machine."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds + ROOM_S, f"took {took:.1f} s"
