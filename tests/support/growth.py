"""Growth of the time of a function with the length of its text: linear, or worse."""

import time
from collections.abc import Callable

SHORT, FACTOR = 3_000, 12
MAX_GROWTH = 5.0
"""Limit of the time of a text that is `FACTOR` times as long, as a multiple of `FACTOR`."""
MIN_S = 0.002
"""Shortest time that is compared: shorter ones are noise."""


def growth_of(function: Callable[[str], object], unit: str) -> str:
    """Return the times of a short and a long text if the long one takes too much, or an empty string."""
    short = max(_fastest(function, unit * (SHORT // len(unit))), MIN_S)
    long = _fastest(function, unit * (SHORT * FACTOR // len(unit)))
    return f"{short:.4f} s, {long:.4f} s for {unit!r}" if long > short * FACTOR * MAX_GROWTH else ""


def _fastest(function: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(3):
        began = time.process_time()
        function(text)
        times.append(time.process_time() - began)
    return min(times)
