"""Runs probes beside the screen: on a daemon thread, so that nothing that hangs delays a key or the end."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from textual.message import Message

from diagnostics.diagnosis.exit_status import diagnose_code
from diagnostics.engine.events import Event, Key
from diagnostics.engine.scheduler import Run
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, concluded, new_report, run_of
from tui.shared.history_types import RunRecorder
from tui.shared.messages import Ended, Progressed

Post = Callable[[Message], object]


@dataclass
class Underway:
    """A run, from its start on. The last one stays when it has ended: it is what the screen shows."""

    examination: Examination
    blank: Report
    run: Run
    events: Sequence[Event] = ()
    over: bool = False

    @property
    def report(self) -> Report:
        """What is known by now. Pure, so it may be asked after each event."""
        return concluded(self.examination, self.blank, self.events)


class Runner:
    """One run at a time, for one screen. Messages of an earlier run do not count: see `current`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.underway: Underway | None = None

    @property
    def busy(self) -> bool:
        """Whether a run goes on."""
        return self.underway is not None and not self.underway.over

    def start(self, examination: Examination, record: RunRecorder | None = None) -> Underway:
        """Begin a run; one that goes on is cancelled and forgotten."""
        self.cancel()
        self.underway = Underway(examination, new_report(examination), run_of(examination))
        threading.Thread(
            target=_work,
            args=(self.underway, self._post, record),
            name=f"run {self.underway.blank.run_id}",
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


def _work(underway: Underway, post: Post, recorder: RunRecorder | None) -> None:
    events: list[Event] = []
    run_id = underway.blank.run_id
    record = recorder(underway.blank) if recorder else None
    try:
        for event in underway.run:
            events.append(event)
            if record:
                record.observe(event)
            post(Progressed(run_id, tuple(events)))
        if record:
            report = concluded(underway.examination, underway.blank, events)
            record.finish(replace(report, exit_code=int(diagnose_code(report))))
    finally:
        post(Ended(run_id, tuple(events)))
