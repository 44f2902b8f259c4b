"""Examinations of targets for scrapes: one at a time for a target, at most one in an interval, N in all."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from diagnostics.exporter.children import Children, NoAnswer
from diagnostics.exporter.jobs import Answer

MAX_EXAMINATIONS = 64
"""Examinations at the same time."""
INTERVAL_S = 10.0
"""Seconds from the start of an examination in which scrapes of its target get its result."""
REJECTED_INTERVAL_S = 60.0
"""The same after a rejected credential: each further login could lock the account."""
FORGET_S = 300.0
"""Seconds after its last scrape from which a module is no longer examined with the others of a target."""
SLOW_SHARE = 0.7
"""Share of the deadline from which a target counts as slow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the exporter."""

    examinations: int = MAX_EXAMINATIONS
    interval_s: float = INTERVAL_S
    rejected_interval_s: float = REJECTED_INTERVAL_S


@dataclass(slots=True)
class Examined:
    """State of one target."""

    wanted: dict[str, float] = field(default_factory=dict)
    """Time of the last scrape of each module, on the monotonic clock."""
    running: "asyncio.Task[Answer] | None" = None
    probes: frozenset[str] = frozenset()
    """Probes of the examination that runs, or of the last one."""
    started: float = float("-inf")
    """Start of the last examination, on the monotonic clock."""
    last: Answer | None = None
    slow: bool = False
    """True if the last examination took most of its time: such targets share half of the places."""
    names: dict[str, set[str]] = field(default_factory=dict)
    """Names of steps and evidence that were exported, by metric and probe: their number is bounded."""


class Examinations:
    """Results of targets. All methods belong to the event loop."""

    def __init__(
        self,
        children: Children,
        targets: tuple[str, ...],
        modules: Mapping[str, tuple[str, ...]],
        limits: Limits,
    ) -> None:
        self._children = children
        self._limits = limits
        self._places = asyncio.Semaphore(limits.examinations)
        self._slow_places = asyncio.Semaphore(max(1, limits.examinations // 2))
        self.active = 0
        """Examinations that run now."""
        self.total = 0
        self.replace(targets, modules)

    def replace(self, targets: tuple[str, ...], modules: Mapping[str, tuple[str, ...]]) -> None:
        """Take the targets and modules of a target file that was read again; results so far are dropped."""
        self.modules = dict(modules)
        self.targets = {target: Examined() for target in targets}

    async def result(self, target: str, module: str, seconds: float) -> Answer:
        """Return the result for a scrape, within its seconds; one with a problem where there is none.

        An examination goes on when the scrape ends, so that the next scrape has its result.
        """
        until = time.monotonic() + seconds
        state = self.targets[target]
        state.wanted[module] = time.monotonic()
        needed = frozenset(self.modules[module])
        while True:
            if state.running:
                answer = await _within(state.running, until)
                if answer is None:
                    return _no_result("the examination takes longer than the scrape")
            elif not self._is_fresh(state):
                state.running = asyncio.create_task(self._examine(target, state, until))
                continue
            else:
                answer = state.last
            if answer and (needed <= state.probes or answer.problem):
                return answer
            wait = state.started + self._interval(state) - time.monotonic()
            if state.running or wait > until - time.monotonic():
                return _no_result("the target was examined a moment ago, for another module")
            await asyncio.sleep(max(0.0, wait))

    def _is_fresh(self, state: Examined) -> bool:
        return state.last is not None and time.monotonic() - state.started < self._interval(state)

    def _interval(self, state: Examined) -> float:
        rejected = state.last is not None and state.last.rejected
        return max(self._limits.interval_s, self._limits.rejected_interval_s if rejected else 0.0)

    def _probes(self, state: Examined) -> tuple[str, ...]:
        """Return the probes of all modules that were scraped lately: one examination serves them all."""
        lately = time.monotonic() - FORGET_S
        state.wanted = {name: at for name, at in state.wanted.items() if at > lately and name in self.modules}
        return tuple(dict.fromkeys(probe for name in state.wanted for probe in self.modules[name]))

    async def _examine(self, target: str, state: Examined, until: float) -> Answer:
        """Examine a target and keep the result. It never raises."""
        try:
            async with AsyncExitStack() as places:
                try:
                    async with asyncio.timeout(until - time.monotonic()):
                        if state.slow:
                            await places.enter_async_context(self._slow_places)
                        await places.enter_async_context(self._places)
                except TimeoutError:
                    return _no_result("all places for examinations were taken until the end of the scrape")
                answer = await self._run(target, state, until)
        finally:
            state.running = None
        return answer

    async def _run(self, target: str, state: Examined, until: float) -> Answer:
        probes = self._probes(state)
        state.started, state.probes = time.monotonic(), frozenset(probes)
        self.active += 1
        self.total += 1
        try:
            answer = await self._children.run(target, probes, until)
        except NoAnswer as error:
            answer = _no_result(str(error))
        finally:
            self.active -= 1
        state.last = answer
        state.slow = time.monotonic() - state.started > SLOW_SHARE * (until - state.started)
        return answer


async def _within(task: "asyncio.Task[Answer]", until: float) -> Answer | None:
    """Return the result of a task that goes on whatever happens here; None after the deadline."""
    done, _ = await asyncio.wait({task}, timeout=max(0.0, until - time.monotonic()))
    return task.result() if done else None


def _no_result(problem: str) -> Answer:
    return Answer(0, started=time.time(), problem=problem)
