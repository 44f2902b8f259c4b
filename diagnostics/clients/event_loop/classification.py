"""Classification of what keeps the health URL waiting, from response times and CPU usage. Pure functions.

The thread of a slow loop computes, waits for something, waits for the interpreter lock that another thread
holds, or waits for a CPU. The four differ in the CPU that is used: the thread's own, none, that of other
threads, or none at all on a busy machine. Workers that hold one request each compute or wait in the same way.
"""

from dataclasses import dataclass
from typing import Literal

from diagnostics.clients.event_loop.thread_usage import ThreadUsage
from diagnostics.engine.events import Level

Code = Literal[
    "",
    "loop.cpu_inline",
    "loop.blocking_io",
    "loop.gil_threads",
    "loop.blocked",
    "loop.workers_computing",
    "loop.workers_waiting",
    "loop.workers_busy",
]

BUSY = 0.5
"""Share of a CPU from which the loop's thread itself is what computes."""
SATURATED = 0.9
"""Share of a CPU from which the thread has none left, although responses still come in time."""
HOLDING_LOCK = 0.4
"""Share of a CPU from which other threads compute, or want to, while the loop's thread waits."""
STARVED = 0.5
"""Share of the time spent waiting for responses that waiting for a CPU explains."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Response times of the health URL in milliseconds, and the CPU time used meanwhile."""

    idle_ms: float
    loaded_ms: float
    limit_ms: float
    ratio: float
    """Factor by which the loaded time may exceed the idle one."""
    seconds: float
    """Duration of the load."""
    waiting_s: float
    """Seconds of it in which a response was waited for."""
    own_waited_s: float
    """Seconds of that in which the measuring thread itself waited for a CPU."""
    usage: ThreadUsage | None
    """CPU time of the process's threads meanwhile; None if unknown."""


@dataclass(frozen=True, slots=True)
class Classification:
    """Finding about the server; an empty code if health is on time or nothing can be said."""

    code: Code = ""
    level: Level = "fail"
    starved: bool = False
    """True if nothing can be said because the machine had no CPU to spare."""
    wrong_process: bool = False
    """True if the process used no CPU at all, so that another one responded."""
    spare_workers: bool = False
    """True if nothing can be said because some workers had no request of this probe."""


def classify_workers(measured: Measurement, *, held: bool | None) -> Classification:
    """Classify a measurement of a server whose workers hold one request each.

    `held` is true if as many incomplete requests as the load has occupy all workers, None if not known.
    """
    usage = measured.usage
    if measured.loaded_ms <= measured.limit_ms:
        return Classification()
    if usage is None or usage.main.used_s == usage.others.used_s == 0:
        if _is_starved(measured, 0):
            return Classification(starved=True)
        wrong_process = usage is not None
        if held is False:
            return Classification(spare_workers=True, wrong_process=wrong_process)
        return Classification("loop.workers_busy", wrong_process=wrong_process)
    wanted_s = sum(part for each in (usage.main, usage.others) for part in (each.used_s, each.waited_s))
    if wanted_s < BUSY * measured.seconds:
        starved = _is_starved(measured, 0)
        return Classification(starved=True) if starved else Classification("loop.workers_waiting")
    in_threads = usage.others.used_s + usage.others.waited_s >= HOLDING_LOCK * measured.seconds
    return (
        Classification(spare_workers=True)
        if held is False and not in_threads
        else Classification("loop.workers_computing")
    )


def classify(measured: Measurement) -> Classification:
    """Classify a measurement of an event loop."""
    if measured.loaded_ms <= measured.limit_ms:
        slower = measured.loaded_ms > measured.ratio * measured.idle_ms
        saturated = slower and _main_share(measured) >= SATURATED
        return Classification("loop.cpu_inline", "warn") if saturated else Classification()
    usage = measured.usage
    if usage is None:
        starved = _is_starved(measured, 0)
        return Classification(starved=True) if starved else Classification("loop.blocked")
    if usage.main.used_s == usage.others.used_s == 0:
        return Classification("loop.blocked", wrong_process=True)
    return _classify_usage(measured, usage)


def _classify_usage(measured: Measurement, usage: ThreadUsage) -> Classification:
    """Classify by CPU usage. On a busy machine a computing thread waits for a CPU part of the time."""
    if _main_share(measured) >= BUSY:
        return Classification("loop.cpu_inline")
    if _is_starved(measured, usage.main.waited_s):
        return Classification(starved=True)
    if usage.others.used_s + usage.others.waited_s >= HOLDING_LOCK * measured.seconds:
        return Classification("loop.gil_threads")
    return Classification("loop.blocking_io")


def _is_starved(measured: Measurement, waited_s: float) -> bool:
    """Return True if waiting for a CPU, on either side, is most of the response time."""
    return waited_s + measured.own_waited_s >= STARVED * measured.waiting_s


def _main_share(measured: Measurement) -> float:
    """Return the share of a CPU that the main thread used of what it was given."""
    main = measured.usage.main if measured.usage else None
    return main.used_s / max(measured.seconds - main.waited_s, 0.001) if main else 0.0
