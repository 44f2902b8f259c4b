"""Child processes of the exporter: at most four, replaced when they grow or no longer answer."""

import asyncio
import itertools
import sys
import time
import zlib
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field

from diagnostics.exporter.jobs import MAX_LINE, Answer, Job, answer_of

CHILDREN = 4
MAX_THREADS = 280
"""Threads of a child, from which it gets no more jobs: probes that hang hold them."""
MAX_MEMORY = 500_000_000
"""Resident bytes of a child, from which it gets no more jobs."""
SILENT_S = 30.0
"""Seconds without an answer after which a child that owes one is killed."""
LATE_S = 1.0
"""Seconds beyond the end of a job in which its answer is still awaited."""
RESTART_PAUSE_S = 1.0
WATCH_S = 1.0
END_S = 3.0


class NoAnswer(Exception):
    """The child process did not answer, or ended."""


@dataclass(slots=True)
class Child:
    """One child process."""

    process: Process
    pending: dict[int, asyncio.Future[Answer]] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard: float = field(default_factory=time.monotonic)
    """Time of its last line, on the monotonic clock."""
    overdue: bool = False
    """True if it has not answered a job in time since its last line."""
    retiring: bool = False
    """True if it gets no more jobs, and is replaced once it has answered the others."""
    threads: int = 0
    memory: int = 0

    @property
    def accepts(self) -> bool:
        """True if it takes jobs."""
        return self.ready.is_set() and not self.retiring and self.process.returncode is None


class Children:
    """Pool of child processes. All methods belong to the event loop."""

    def __init__(self, arguments: list[str], count: int = CHILDREN) -> None:
        self._arguments = arguments
        """Arguments of `diagnostics.exporter.child`."""
        self._count = count
        self._slots: list[Child | None] = [None] * count
        self._keepers: list[asyncio.Task[None]] = []
        self._numbers = itertools.count(1)
        self.restarts = 0

    def start(self) -> None:
        """Start the processes, each with a task that replaces it when it ends."""
        self._keepers = [asyncio.create_task(self._keep(slot)) for slot in range(self._count)]

    async def close(self) -> None:
        """End all processes."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    @property
    def running(self) -> list[Child]:
        """Processes that run."""
        return [child for child in self._slots if child and child.process.returncode is None]

    @property
    def is_ready(self) -> bool:
        """True if a process takes jobs."""
        return any(child.accepts for child in self.running)

    async def run(self, target: str, probes: tuple[str, ...], until: float) -> Answer:
        """Return the answer of a child process. Raises NoAnswer."""
        child = self._child_for(target)
        if child is None:
            raise NoAnswer("no child process is ready")
        job = Job(next(self._numbers), target, probes, until)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        child.pending[job.number] = future
        try:
            if child.process.stdin is None:
                raise NoAnswer("the child process has ended")
            child.process.stdin.write(job.line())
            return await asyncio.wait_for(future, until - time.monotonic() + LATE_S)
        except TimeoutError:
            child.overdue = True
            raise NoAnswer("the child process did not answer in time") from None
        finally:
            child.pending.pop(job.number, None)

    def reload(self) -> None:
        """Replace the processes, each after its running jobs."""
        for child in self.running:
            child.retiring = True

    def _child_for(self, target: str) -> Child | None:
        """Return the process of a target, otherwise the one with the fewest jobs; None without any."""
        own = self._slots[zlib.crc32(target.encode()) % self._count]
        if own and own.accepts:
            return own
        return min(
            (child for child in self.running if child.accepts),
            key=lambda child: len(child.pending),
            default=None,
        )

    async def _keep(self, slot: int) -> None:
        """Run one process after the other in a slot."""
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "diagnostics.exporter.child", *self._arguments,
                stdin=PIPE, stdout=PIPE, limit=MAX_LINE,
            )  # fmt: skip
            child = self._slots[slot] = Child(process)
            watcher = asyncio.create_task(self._watch(child))
            try:
                await self._read(child)
            finally:
                watcher.cancel()
                await _end(child)
            self.restarts += 1
            await asyncio.sleep(RESTART_PAUSE_S)

    @staticmethod
    async def _read(child: Child) -> None:
        """Hand each answer to the scrape that waits for it, until the process ends."""
        output = child.process.stdout
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:  # longer than MAX_LINE
                return
            if not line:
                return
            answer = answer_of(line)
            child.heard, child.overdue = time.monotonic(), False
            child.threads, child.memory = answer.threads, answer.memory
            child.ready.set()
            if answer.threads > MAX_THREADS or answer.memory > MAX_MEMORY:
                child.retiring = True
            future = child.pending.get(answer.number)
            if future and not future.done():
                future.set_result(answer)

    @staticmethod
    async def _watch(child: Child) -> None:
        """Kill a process that is silent, and one that retires once it has no jobs."""
        while True:
            await asyncio.sleep(WATCH_S)
            silent = child.overdue and time.monotonic() - child.heard > SILENT_S
            if silent or (child.retiring and not child.pending):
                with suppress(ProcessLookupError):
                    child.process.kill()


async def _end(child: Child) -> None:
    """End a process, which ends at the end of its input, and fail the jobs that wait for it."""
    for future in child.pending.values():
        if not future.done():
            future.set_exception(NoAnswer("the child process ended"))
    if child.process.stdin:
        child.process.stdin.close()
    try:
        await asyncio.wait_for(child.process.wait(), END_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.process.kill()
        await child.process.wait()
