"""CPU time that the threads of a local process use, and time that they wait for a CPU (proc(5))."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
NS = 1e9
TICKS_PER_S = 100.0
"""USER_HZ, the unit of /proc/PID/stat, the same on every Linux."""
UTIME, STIME = 11, 12
"""Fields of the two times after the name, which may itself contain spaces and brackets."""


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Seconds of CPU used, and seconds of waiting for a CPU, 0 if the kernel does not count them."""

    used_s: float = 0.0
    waited_s: float = 0.0

    def __sub__(self, other: Self) -> "CpuTime":
        return CpuTime(max(0.0, self.used_s - other.used_s), max(0.0, self.waited_s - other.waited_s))


@dataclass(frozen=True, slots=True)
class ThreadUsage:
    """CPU time of the main thread, and the sum of all other threads that still run."""

    main: CpuTime
    others: CpuTime

    def __sub__(self, other: Self) -> "ThreadUsage":
        return ThreadUsage(self.main - other.main, self.others - other.others)

    @property
    def used_s(self) -> float:
        """Seconds of CPU that all threads used."""
        return self.main.used_s + self.others.used_s


def read_thread_usage(pid: int, proc: Path = PROC) -> ThreadUsage | None:
    """Read the CPU time of a process until now; None if there is no such process or no /proc (not Linux)."""
    main, used_s, waited_s = None, 0.0, 0.0
    try:
        tasks = list((proc / str(pid) / "task").iterdir())
    except OSError:
        return None
    for task in tasks:
        time = _cpu_time(task)
        if time and task.name == str(pid):
            main = time
        elif time:
            used_s, waited_s = used_s + time.used_s, waited_s + time.waited_s
    return ThreadUsage(main, CpuTime(used_s, waited_s)) if main else None


def busiest_usage(before: Mapping[int, ThreadUsage], after: Mapping[int, ThreadUsage]) -> ThreadUsage | None:
    """Return the usage of the process that used most CPU between two readings; None if none is in both."""
    usages = [after[pid] - before[pid] for pid in before.keys() & after.keys()]
    return max(usages, key=lambda usage: usage.used_s, default=None)


def read_usages(pids: Iterable[int], proc: Path = PROC) -> dict[int, ThreadUsage]:
    """Read the CPU time of several processes; those that cannot be read are left out."""
    usages = {pid: read_thread_usage(pid, proc) for pid in pids}
    return {pid: usage for pid, usage in usages.items() if usage}


def own_waiting_time() -> float:
    """Return the seconds for which the calling thread has waited for a CPU, 0 if they are not counted."""
    own = _cpu_time(PROC / "thread-self")
    return own.waited_s if own else 0.0


def _cpu_time(task: Path) -> CpuTime | None:
    """Read nanoseconds if the kernel counts them, else ticks; return None if the thread has ended."""
    try:
        used, waited, _ = (task / "schedstat").read_text("ascii").split()
        return CpuTime(int(used) / NS, int(waited) / NS)
    except (OSError, ValueError):
        pass
    try:
        fields = (task / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return CpuTime((int(fields[UTIME]) + int(fields[STIME])) / TICKS_PER_S)
    except (OSError, ValueError, IndexError):
        return None
