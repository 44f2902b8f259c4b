"""Runs probes: in the order of their needs, each on a thread of its own, none beyond its deadline."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diagnostics.engine.context import Context, Earlier
from diagnostics.engine.deadline import Deadline
from diagnostics.engine.events import Body, Event, Evidence, Finding, Finished, Key, Started
from diagnostics.engine.probe import Probe
from diagnostics.errors import CannotTell, Skip
from diagnostics.redaction import Redactor
from diagnostics.targets.target import Endpoint, Target

GRACE = 0.3
"""Seconds beyond its budget in which a probe may still say itself why it ran out of time."""
AT_ONCE = 16
"""Probes that run side by side."""
CANCELLED = "cancelled"
"""The reason of what a person ended."""
STOPS = frozenset({"fail", "error", "blocked", "skipped"})
"""Outcomes of a needed probe that block the one that needs it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One probe for one endpoint; `skip` is the reason why it is not to run."""

    target: Target
    endpoint: Endpoint
    probe: str
    skip: str = ""

    @property
    def key(self) -> Key:
        """What its result is about."""
        return Key(self.target.name, self.endpoint.name, self.probe)


@dataclass(frozen=True, slots=True)
class _Cancel:
    """A wish from another thread: these are to end now."""

    keys: frozenset[Key]


@dataclass(slots=True)
class _Running:
    """A probe under way. It is forgotten at its deadline; what it says later is dropped."""

    context: Context
    until: Deadline
    said: list[Body] = field(default_factory=list)


class Run:
    """One run over a list of tasks. Iterate it for its events; `stop` ends it early with every task named."""

    def __init__(
        self,
        tasks: Sequence[Task],
        probes: Mapping[str, Probe],
        *,
        redactor: Redactor,
        deadline_s: float,
        rejected: set[bytes] | None = None,
    ) -> None:
        self._probes = probes
        self._redactor = redactor
        self._deadline = Deadline(deadline_s)
        self._rejected: set[bytes] = set() if rejected is None else rejected
        self._began = time.monotonic()
        self._queue: queue.SimpleQueue[tuple[Key, _Running, Body] | _Cancel] = queue.SimpleQueue()
        self._waiting = {task.key: task for task in tasks}
        self._asked: dict[tuple[str, str], list[Key]] = {}
        """Where each probe is asked, by target and probe, in the order of the tasks."""
        for key in self._waiting:
            self._asked.setdefault((key.target, key.probe), []).append(key)
        self._running: dict[Key, _Running] = {}
        self._done: dict[Key, Earlier] = {}
        self._stirred = True
        """Whether a task has ended since the waiting ones were looked at."""

    def __iter__(self) -> Iterator[Event]:
        while self._waiting or self._running:
            yield from self._start_ready()
            if self._running:
                yield from self._receive()

    def stop(self, reason: str) -> Iterator[Event]:
        """End every task that has not ended, as `unknown`."""
        for key in [*self._running, *self._waiting]:
            yield self._finish(key, Finished(outcome="unknown", reason=reason))

    def cancel(self, keys: Iterable[Key]) -> None:
        """End these as `unknown`, whether they run or wait; may be called from any thread."""
        self._queue.put(_Cancel(frozenset(keys)))

    def _start_ready(self) -> Iterator[Event]:
        """Start what may begin. Nothing does so before a task ends, and none while there is no room."""
        if not self._stirred:
            return
        self._stirred = False
        for key, task in list(self._waiting.items()):
            if len(self._running) == AT_ONCE:
                return
            verdict = self._verdict_before(task)
            if verdict:
                yield self._finish(key, verdict)
            elif self._ready(task) and self._undisturbed(task):
                yield self._start(task)

    def _verdict_before(self, task: Task) -> Finished | None:
        if task.skip:
            return Finished(outcome="skipped", reason=task.skip)
        if self._deadline.left <= 0:
            return Finished(
                outcome="unknown", reason=f"the run's {self._deadline.seconds:g} s were over before it began"
            )
        for need in self._probes[task.probe].NEEDS:
            earlier = self._done.get(self._beside(task, need))
            if earlier and earlier.outcome in STOPS:
                reason = f"{need} ended {earlier.outcome}"
                return Finished(outcome="blocked", reason=reason, blocked_by=need)
        return None

    def _ready(self, task: Task) -> bool:
        probe = self._probes[task.probe]
        needed = [self._beside(task, name) for name in probe.NEEDS]
        before = [*needed, *(key for name in probe.READS for key in self._read_by(task, name))]
        return not any(key in self._waiting or key in self._running for key in before)

    def _undisturbed(self, task: Task) -> bool:
        """Whether it may run beside what runs now: a probe that needs quiet has its target to itself."""
        beside = [key.probe for key in self._running if key.target == task.target.name]
        return not beside or not any(self._probes[name].ALONE for name in (task.probe, *beside))

    def _start(self, task: Task) -> Event:
        key, probe = task.key, self._probes[task.probe]
        budget = min(probe.BUDGET, self._deadline.left)
        context = Context(
            task.target,
            task.endpoint,
            emit=lambda body: self._queue.put((key, running, body)),
            deadline=Deadline(budget),
            redactor=self._redactor,
            earlier=self._earlier(task),
            rejected=self._rejected,
        )
        running = _Running(context, Deadline(budget + GRACE))
        del self._waiting[key]
        self._running[key] = running
        thread = threading.Thread(
            target=_work,
            args=(probe, context, lambda body: self._queue.put((key, running, body))),
            name=f"probe {task.probe}",
            daemon=True,  # a hung one must not keep the process alive
        )
        thread.start()
        return self._event(key, Started())

    def _receive(self) -> Iterator[Event]:
        patience = min(running.until.left for running in self._running.values())
        try:
            said = self._queue.get(timeout=max(patience, 0.001))
        except queue.Empty:
            yield from self._give_up_overdue()
            return
        if isinstance(said, _Cancel):
            yield from self._cancelled(said.keys)
            return
        key, running, body = said
        if self._running.get(key) is not running:
            return
        if isinstance(body, Finished):
            yield self._finish(key, body)
        else:
            running.said.append(body)
            yield self._event(key, body)

    def _cancelled(self, keys: frozenset[Key]) -> Iterator[Event]:
        for key in [*self._running, *self._waiting]:
            if key in keys:
                yield self._finish(key, Finished(outcome="unknown", reason=CANCELLED))

    def _give_up_overdue(self) -> Iterator[Event]:
        for key, running in list(self._running.items()):
            if running.until.left <= 0:
                doing = f", during {running.context.current_step}" if running.context.current_step else ""
                budget = f"{running.context.deadline.seconds:g} s"
                reason = f"no answer within {budget}{doing}"
                yield self._finish(key, Finished(outcome="unknown", reason=reason))

    def _finish(self, key: Key, finished: Finished) -> Event:
        self._stirred = True
        self._waiting.pop(key, None)
        running = self._running.pop(key, None)
        said = running.said if running else []
        self._done[key] = Earlier(
            finished.outcome,
            frozenset(body.code for body in said if isinstance(body, Finding)),
            {body.name: body.value for body in said if isinstance(body, Evidence)},
            tuple(running.context.facts) if running else (),
        )
        return self._event(key, finished)

    def _earlier(self, task: Task) -> dict[str, Earlier]:
        probe = self._probes[task.probe]
        needed = {name: [self._beside(task, name)] for name in probe.NEEDS}
        read = {name: self._read_by(task, name) for name in probe.READS}
        places = [(name, key) for name, keys in (needed | read).items() for key in keys]
        return {name: self._done[key] for name, key in places if key in self._done}

    def _read_by(self, task: Task, probe: str) -> list[Key]:
        """Where a probe's result is read: on the same endpoint, else on another one of the same target."""
        beside = self._beside(task, probe)
        asked = self._asked.get((beside.target, probe), [])
        return [beside] if beside in asked else asked[:1]

    @staticmethod
    def _beside(task: Task, probe: str) -> Key:
        return Key(task.target.name, task.endpoint.name, probe)

    def _event(self, key: Key, body: Body) -> Event:
        return Event(key, round(time.monotonic() - self._began, 4), body)


def _work(probe: Probe, context: Context, put: Callable[[Body], None]) -> None:
    """Run a probe to its end, whatever that is. The only broad `except` of the project stands here."""
    began = time.monotonic()
    try:
        probe.run(context)
        undeclared = context.codes - set(probe.FINDINGS)
        finished = _outcome(context) if not undeclared else _bug(f"undeclared findings {sorted(undeclared)}")
    except Skip as skip:
        finished = Finished(outcome="skipped", reason=str(skip))
    except CannotTell as open_point:
        context.unknown(str(open_point))
        finished = _outcome(context)
    except Exception as error:  # noqa: BLE001  a probe that broke is a result, not the end of the run
        from diagnostics.errors import frame_names  # noqa: PLC0415  a rare path of a cold start

        context.evidence("broke at", frame_names(error), ok=False)
        finished = _bug(f"{type(error).__name__}: {error}")
    reason = context.clean(finished.reason)
    ms = round((time.monotonic() - began) * 1000, 3)
    put(Finished(outcome=finished.outcome, reason=reason, ms=ms))


def _outcome(context: Context) -> Finished:
    """Fail, else unknown, else warn, else pass: the roll-up's order."""
    if "fail" in context.levels:
        return Finished(outcome="fail", reason="; ".join(context.unknowns))
    if context.unknowns:
        return Finished(outcome="unknown", reason="; ".join(context.unknowns))
    return Finished(outcome="warn" if "warn" in context.levels else "pass")


def _bug(what: str) -> Finished:
    return Finished(outcome="error", reason=f"the probe itself broke: {what}")
