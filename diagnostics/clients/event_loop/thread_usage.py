"""What the threads of a process on this machine do: CPU that they use, and wait for (proc(5))."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
NS = 1e9
TICKS = 100.0
"""Of a second, in /proc/PID/stat: USER_HZ, the same on every Linux."""
UTIME, STIME = 11, 12
"""Places of the two times behind the name, which may itself hold spaces and brackets."""


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of CPU that were used, and of standing in line for one, 0 where the kernel does not count."""

    cpu: float = 0.0
    waited: float = 0.0

    def __sub__(self, other: Self) -> "Use":
        return Use(max(0.0, self.cpu - other.cpu), max(0.0, self.waited - other.waited))


@dataclass(frozen=True, slots=True)
class ThreadUse:
    """The thread that began the process, and the sum of all others that still live."""

    main: Use
    others: Use

    def __sub__(self, other: Self) -> "ThreadUse":
        return ThreadUse(self.main - other.main, self.others - other.others)


def thread_use(pid: int, proc: Path = PROC) -> ThreadUse | None:
    """What the threads have used until now; None where there is no such process or no /proc (not Linux)."""
    main, cpu, waited = None, 0.0, 0.0
    try:
        tasks = list((proc / str(pid) / "task").iterdir())
    except OSError:
        return None
    for task in tasks:
        use = _use(task)
        if use and task.name == str(pid):
            main = use
        elif use:
            cpu, waited = cpu + use.cpu, waited + use.waited
    return ThreadUse(main, Use(cpu, waited)) if main else None


def waited_here() -> float:
    """Seconds for which the calling thread itself stood in line for a CPU, 0 where nobody counts them."""
    own = _use(PROC / "thread-self")
    return own.waited if own else 0.0


def _use(task: Path) -> Use | None:
    """Nanoseconds where the kernel counts them, else hundredths of a second; None where it has ended."""
    try:
        cpu, waited, _ = (task / "schedstat").read_text("ascii").split()
        return Use(int(cpu) / NS, int(waited) / NS)
    except (OSError, ValueError):
        pass
    try:
        fields = (task / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return Use((int(fields[UTIME]) + int(fields[STIME])) / TICKS)
    except (OSError, ValueError, IndexError):
        return None
