"""From times and CPU to what keeps an event loop. Pure.

Where a loop is slow its thread computes, waits for something, waits for the interpreter's lock that another
thread holds, or stands in line for a CPU. The four differ in what is used: its own CPU, none, that of
others, none at all.
"""

from dataclasses import dataclass
from typing import Literal

from diagnostics.clients.event_loop.thread_usage import ThreadUse
from diagnostics.engine.events import Level

Code = Literal["", "loop.cpu_inline", "loop.blocking_io", "loop.gil_threads", "loop.blocked"]

BUSY = 0.5
"""Share of a CPU from which the loop's thread is what computes."""
WHOLE = 0.9
"""Share of a CPU from which there is nothing left, although answers still come in time."""
HOLDING = 0.4
"""Share of a CPU from which other threads compute, or want to, while the loop's waits."""
STARVED = 0.5
"""Share of the time spent waiting for answers that standing in line for a CPU explains."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen; times of health in milliseconds."""

    idle_ms: float
    loaded_ms: float
    limit_ms: float
    ratio: float
    """How much slower than when idle is too slow."""
    seconds: float
    """How long the load lasted."""
    waiting_s: float
    """Seconds of it in which an answer was waited for."""
    own_waited_s: float
    """Seconds of that in which the one who asks stood in line for a CPU itself."""
    used: ThreadUse | None
    """What the threads of the process used meanwhile, where it is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What keeps the loop, if anything does."""

    code: Code = ""
    level: Level = "fail"
    starved: bool = False
    """Nothing can be said: the machine had no CPU for it."""
    wrong_process: bool = False
    """The process did nothing at all: it is not the one that answered."""


def judged(seen: Measured) -> Verdict:
    """Weigh what was seen."""
    if seen.loaded_ms <= seen.limit_ms:
        near = seen.loaded_ms > seen.ratio * seen.idle_ms and _main(seen) >= WHOLE
        return Verdict("loop.cpu_inline", "warn") if near else Verdict()
    if seen.used is None:
        return Verdict(starved=True) if _starved(seen, 0) else Verdict("loop.blocked")
    if seen.used.main.cpu == seen.used.others.cpu == 0:
        return Verdict("loop.blocked", wrong_process=True)
    return _why(seen, seen.used)


def _why(seen: Measured, used: ThreadUse) -> Verdict:
    """Tell what keeps it. On a busy machine a thread that computes stands in line for a part of it."""
    if _main(seen) >= BUSY:
        return Verdict("loop.cpu_inline")
    if _starved(seen, used.main.waited):
        return Verdict(starved=True)
    if used.others.cpu + used.others.waited >= HOLDING * seen.seconds:
        return Verdict("loop.gil_threads")
    return Verdict("loop.blocking_io")


def _starved(seen: Measured, waited_s: float) -> bool:
    """Whether standing in line for a CPU, on either side, is most of what answers took."""
    return waited_s + seen.own_waited_s >= STARVED * seen.waiting_s


def _main(seen: Measured) -> float:
    """The share of a CPU that the main thread had, of what it could have had."""
    main = seen.used.main if seen.used else None
    return main.cpu / max(seen.seconds - main.waited, 0.001) if main else 0.0
