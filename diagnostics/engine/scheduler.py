"""Scheduler of probes: in the order of their needs, each on its own thread, none beyond its deadline."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diagnostics.engine.context import Context, Earlier
from diagnostics.engine.deadline import Deadline
from diagnostics.engine.events import Body, Event, Finding, Finished, Key, Started
from diagnostics.engine.probe import Probe, borrowed, budget_of
from diagnostics.engine.probe_thread import run_probe
from diagnostics.engine.shared_resources import Place, SharedResources
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.resolver import CommandOutputs
from diagnostics.targets.target import Endpoint, Target

GRACE = 0.3
"""Seconds beyond its budget in which a probe may still report itself why it ran out of time."""
MAX_PARALLEL = 16
"""Probes that run at the same time."""
CANCELLED = "cancelled"
"""Reason of a probe that was cancelled by a person."""
BLOCKING = frozenset({"fail", "error", "blocked", "skipped"})
"""Outcomes of a probe that block those that need it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One probe for one endpoint; a text in `skip` is the reason not to run it."""

    target: Target
    endpoint: Endpoint
    probe: str
    skip: str = ""
    inapplicable: bool = False
    """True if it is skipped because the target lacks what the probe examines: no option makes it run."""

    @property
    def key(self) -> Key:
        """Key of its result."""
        return Key(self.target.name, self.endpoint.name, self.probe)

    @property
    def held_back(self) -> bool:
        """True if the probe is skipped because nobody allowed it to run."""
        return bool(self.skip) and not self.inapplicable


@dataclass(frozen=True, slots=True)
class _Cancel:
    """Cancellation request from another thread."""

    keys: frozenset[Key]


@dataclass(slots=True)
class _Running:
    """A running probe. It is abandoned at its deadline; what it records later is dropped."""

    context: Context
    until: Deadline
    bodies: list[Body] = field(default_factory=list)


class Run:
    """One run over a list of tasks: an iterator over its events.

    `stop` ends it early with a result for every task.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        probes: Mapping[str, Probe],
        *,
        redactor: Redactor,
        deadline_s: float,
        rejected: set[bytes] | None = None,
        holes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._probes = probes
        self._holes = holes or {}
        self._redactor = redactor
        self._deadline = Deadline(deadline_s)
        self._rejected: set[bytes] = set() if rejected is None else rejected
        self._outputs = CommandOutputs()
        self._started = time.monotonic()
        self._queue: queue.SimpleQueue[tuple[Key, _Running, Body] | _Cancel] = queue.SimpleQueue()
        self._waiting = {task.key: task for task in tasks}
        self._planned: dict[tuple[str, str], list[Key]] = {}
        """Keys of the tasks by target and probe, in the order of the tasks."""
        for key in self._waiting:
            self._planned.setdefault((key.target, key.probe), []).append(key)
        self._shared = SharedResources(self._borrowers())
        self._running: dict[Key, _Running] = {}
        self._done: dict[Key, Earlier] = {}
        self._has_ended_task = True
        """True if a task has ended since the waiting ones were last examined."""

    def __iter__(self) -> Iterator[Event]:
        try:
            while self._waiting or self._running:
                yield from self._start_ready()
                if self._running:
                    yield from self._receive()
        finally:
            self._shared.close()

    def stop(self, reason: str) -> Iterator[Event]:
        """End every remaining task as `unknown`; yield its last event."""
        self._shared.close()
        for key in [*self._running, *self._waiting]:
            yield self._finish(key, Finished(outcome="unknown", reason=reason))

    def cancel(self, keys: Iterable[Key]) -> None:
        """End these tasks as `unknown`, running or waiting. May be called from any thread."""
        self._queue.put(_Cancel(frozenset(keys)))

    def _start_ready(self) -> Iterator[Event]:
        """Start the waiting tasks that are ready, up to MAX_PARALLEL.

        A task becomes ready only when another one ends: until then they are not examined again.
        """
        if not self._has_ended_task:
            return
        self._has_ended_task = False
        for key, task in list(self._waiting.items()):
            if len(self._running) == MAX_PARALLEL:
                return
            finished = self._result_without_run(task)
            if finished:
                yield self._finish(key, finished)
            elif self._is_ready(task) and self._may_run_beside(task):
                yield self._start(task)

    def _result_without_run(self, task: Task) -> Finished | None:
        """Return the result of a task that is skipped, blocked or too late; None if it may still run."""
        if task.skip:
            return Finished(outcome="skipped", reason=task.skip)
        if self._deadline.left <= 0:
            return Finished(
                outcome="unknown", reason=f"not started within the run's {self._deadline.seconds:g} s"
            )
        for need in self._probes[task.probe].NEEDS:
            earlier = self._done.get(self._key_beside(task, need))
            if earlier and earlier.outcome in BLOCKING:
                reason = f"{need} ended {earlier.outcome}"
                return Finished(outcome="blocked", reason=reason, blocked_by=need)
        return None

    def _is_ready(self, task: Task) -> bool:
        probe = self._probes[task.probe]
        needed = [self._key_beside(task, name) for name in probe.NEEDS]
        before = [*needed, *(key for name in probe.READS for key in self._read_keys(task, name))]
        return not any(key in self._waiting or key in self._running for key in before)

    def _may_run_beside(self, task: Task) -> bool:
        """Return True if the task may run beside those that run now.

        A probe with ALONE shares its target with no other, and two that borrow the same resource wait for
        each other, so that the wait does not count against the budget.
        """
        beside = [key.probe for key in self._running if key.target == task.target.name]
        if not beside:
            return True
        if any(self._probes[name].ALONE for name in (task.probe, *beside)):
            return False
        own = borrowed(self._probes[task.probe], task.target)
        return not own or not any(
            own & borrowed(self._probes[key.probe], task.target)
            for key in self._running
            if (key.target, key.endpoint) == (task.target.name, task.endpoint.name)
        )

    def _borrowers(self) -> dict[Place, list[Key]]:
        """Return the tasks that use each shared resource, by its place."""
        users: dict[Place, list[Key]] = {}
        for key, task in self._waiting.items():
            for name in () if task.skip else borrowed(self._probes[task.probe], task.target):
                users.setdefault(Place(key.target, key.endpoint, name), []).append(key)
        return users

    def _start(self, task: Task) -> Event:
        key, probe = task.key, self._probes[task.probe]
        budget = min(budget_of(probe, task.target, self._deadline.seconds), self._deadline.left)
        context = Context(
            task.target,
            task.endpoint,
            emit=lambda body: self._queue.put((key, running, body)),
            deadline=Deadline(budget),
            redactor=self._redactor,
            earlier=self._earlier(task),
            rejected=self._rejected,
            outputs=self._outputs,
            shared=self._shared,
            holes=self._holes.get(task.probe),
        )
        running = _Running(context, Deadline(budget + GRACE))
        del self._waiting[key]
        self._running[key] = running
        thread = threading.Thread(
            target=run_probe,
            args=(probe, context, lambda body: self._queue.put((key, running, body))),
            name=f"probe {task.probe}",
            daemon=True,  # a hung probe must not keep the process alive
        )
        thread.start()
        return self._event(key, Started())

    def _receive(self) -> Iterator[Event]:
        timeout = min(running.until.left for running in self._running.values())
        try:
            message = self._queue.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            yield from self._abandon_overdue()
            return
        if isinstance(message, _Cancel):
            yield from self._end_cancelled(message.keys)
            return
        key, running, body = message
        if self._running.get(key) is not running:
            return
        if isinstance(body, Finished):
            yield self._finish(key, body)
        else:
            running.bodies.append(body)
            yield self._event(key, body)

    def _end_cancelled(self, keys: frozenset[Key]) -> Iterator[Event]:
        for key in [*self._running, *self._waiting]:
            if key in keys:
                yield self._finish(key, Finished(outcome="unknown", reason=CANCELLED))

    def _abandon_overdue(self) -> Iterator[Event]:
        for key, running in list(self._running.items()):
            if running.until.left <= 0:
                during = f", during {running.context.current_step}" if running.context.current_step else ""
                budget = f"{running.context.deadline.seconds:g} s"
                reason = f"no answer within {budget}{during}"
                yield self._finish(key, Finished(outcome="unknown", reason=reason))

    def _finish(self, key: Key, finished: Finished) -> Event:
        self._has_ended_task = True
        self._shared.ended(key)
        self._waiting.pop(key, None)
        running = self._running.pop(key, None)
        bodies = running.bodies if running else []
        self._done[key] = Earlier(
            finished.outcome,
            frozenset(body.code for body in bodies if isinstance(body, Finding)),
            tuple(running.context.facts) if running else (),
        )
        return self._event(key, finished)

    def _earlier(self, task: Task) -> dict[str, Earlier]:
        probe = self._probes[task.probe]
        needed = {name: [self._key_beside(task, name)] for name in probe.NEEDS}
        read = {name: self._read_keys(task, name) for name in probe.READS}
        sources = [(name, key) for name, keys in (needed | read).items() for key in keys]
        return {name: self._done[key] for name, key in sources if key in self._done}

    def _read_keys(self, task: Task, probe: str) -> list[Key]:
        """Return the task of `probe` on the same endpoint, otherwise the first one on the target."""
        beside = self._key_beside(task, probe)
        planned = self._planned.get((beside.target, probe), [])
        return [beside] if beside in planned else planned[:1]

    @staticmethod
    def _key_beside(task: Task, probe: str) -> Key:
        return Key(task.target.name, task.endpoint.name, probe)

    def _event(self, key: Key, body: Body) -> Event:
        return Event(key, round(time.monotonic() - self._started, 4), body)
