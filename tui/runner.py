"""Runs probes beside the screen: on a daemon thread, so that nothing that hangs delays a key or the end."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from textual.message import Message

from diagnostics.engine import Run
from diagnostics.events import Event, Key
from diagnostics.examine import Examination, concluded, new_report, run_of
from diagnostics.report import Report
from tui.messages import Ended, Progressed

Post = Callable[[Message], object]


@dataclass
class Underway:
    """A run, from its start on. The last one stays when it has ended: it is what the screen shows."""

    examination: Examination
    blank: Report
    run: Run
    events: Sequence[Event] = ()
    over: bool = False
    cancelled: set[Key] = field(default_factory=set)

    @property
    def report(self) -> Report:
        """What is known by now. Pure, so it may be asked after each event."""
        return concluded(self.examination, self.blank, self.events)


class Runner:
    """One run at a time, for one screen. Messages of an earlier run do not count: see `current`."""

    def __init__(
        self, post: Post, recorders: Sequence[Callable[[Report], Callable[[Event], None]]] = ()
    ) -> None:
        self._post = post
        self._recorders = recorders
        self.underway: Underway | None = None

    @property
    def busy(self) -> bool:
        """Whether a run goes on."""
        return self.underway is not None and not self.underway.over

    def start(self, examination: Examination) -> Underway:
        """Begin a run; one that goes on is cancelled and forgotten."""
        self.cancel()
        blank = new_report(examination)
        self.underway = Underway(examination, blank, run_of(examination))
        observers = [recorder(blank) for recorder in self._recorders]
        threading.Thread(
            target=_work,
            args=(self.underway.run, blank.run_id, self._post, observers),
            name=f"run {blank.run_id}",
            daemon=True,
        ).start()
        return self.underway

    def take(self, message: Progressed | Ended) -> bool:
        """Keep what a message brings; False where it is of a run that is no longer the current one."""
        if self.underway is None or message.run_id != self.underway.blank.run_id:
            return False
        self.underway.events = message.events
        self.underway.over = isinstance(message, Ended)
        return True

    def cancel(self, keys: Iterable[Key] | None = None) -> None:
        """Cancel some probes, or everything that runs or waits."""
        if self.underway and self.busy:
            chosen = {task.key for task in self.underway.examination.tasks} if keys is None else set(keys)
            self.underway.run.cancel(chosen)


def _work(run: Run, run_id: str, post: Post, observers: Sequence[Callable[[Event], None]]) -> None:
    events: list[Event] = []
    try:
        for event in run:
            events.append(event)
            for observe in observers:
                observe(event)
            post(Progressed(run_id, tuple(events)))
    finally:
        post(Ended(run_id, tuple(events)))
