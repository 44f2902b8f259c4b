"""Runs of probes for a screen, on a daemon thread: a probe that hangs delays no key and no exit."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from textual.message import Message

from diagnostics.diagnosis.exit_status import diagnose_code
from diagnostics.engine.events import Event, Finished, Key
from diagnostics.engine.scheduler import Run
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, build_report, create_run, new_report
from tui.shared.history_types import RunRecorder
from tui.shared.messages import RunEnded, RunProgressed

Post = Callable[[Message], object]


@dataclass
class ProbeRun:
    """A run that was started, with its events so far."""

    examination: Examination
    empty_report: Report
    run: Run
    events: Sequence[Event] = ()
    ended: bool = False

    @property
    def report(self) -> Report:
        """The report of the events so far."""
        return build_report(self.examination, self.empty_report, self.events)


class ProbeRunner:
    """The runs of one screen, one at a time. The last run is kept after its end: the screen shows it."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.current: ProbeRun | None = None

    @property
    def busy(self) -> bool:
        """True while a run is going on."""
        return self.current is not None and not self.current.ended

    @property
    def progress_text(self) -> str:
        """The number of probes of the last run that have ended; empty before the first run."""
        if self.current is None:
            return ""
        done = sum(isinstance(event.body, Finished) for event in self.current.events)
        return f"{done} of {len(self.current.examination.tasks)} probes done"

    @property
    def keys_in_run(self) -> set[Key]:
        """The tasks of the run that is going on."""
        return {task.key for task in self.current.examination.tasks} if self.current and self.busy else set()

    def start(self, examination: Examination, recorder: RunRecorder | None = None) -> ProbeRun:
        """Start a run; cancel the one that is going on and ignore its further messages."""
        self.cancel()
        self.current = ProbeRun(examination, new_report(examination), create_run(examination))
        threading.Thread(
            target=_execute,
            args=(self.current, self._post, recorder),
            name=f"run {self.current.empty_report.run_id}",
            daemon=True,
        ).start()
        return self.current

    def accept(self, message: RunProgressed | RunEnded) -> bool:
        """Take over the events of a message; return False if it belongs to an earlier run."""
        if self.current is None or message.run_id != self.current.empty_report.run_id:
            return False
        self.current.events = message.events
        self.current.ended = isinstance(message, RunEnded)
        return True

    def cancel(self, keys: Iterable[Key] | None = None) -> None:
        """Cancel some tasks of the current run, or all of them."""
        if self.current and self.busy:
            chosen = {task.key for task in self.current.examination.tasks} if keys is None else set(keys)
            self.current.run.cancel(chosen)

    def forget(self) -> None:
        """Cancel the current run and ignore its further messages."""
        self.cancel()
        self.current = None


def _execute(probe_run: ProbeRun, post: Post, recorder: RunRecorder | None) -> None:
    events: list[Event] = []
    run_id = probe_run.empty_report.run_id
    record = recorder(probe_run.empty_report) if recorder else None
    try:
        for event in probe_run.run:
            events.append(event)
            if record:
                record.observe(event)
            post(RunProgressed(run_id, tuple(events)))
        if record:
            report = build_report(probe_run.examination, probe_run.empty_report, events)
            record.finish(replace(report, exit_code=int(diagnose_code(report))))
    finally:
        post(RunEnded(run_id, tuple(events)))
