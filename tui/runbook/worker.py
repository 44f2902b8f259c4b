"""A runbook walked beside the screen: the walk of the command line and its log, on a daemon thread."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from textual.message import Message

from diagnostics.engine.events import Event
from diagnostics.engine.scheduler import Run, Task
from diagnostics.errors import Terminated, UsageError
from diagnostics.report.model import Report
from diagnostics.run.examination import (
    Examination,
    Interrupted,
    Observer,
    concluded,
    interrupted,
    new_report,
    run_of,
)
from diagnostics.run.selection import tasks
from diagnostics.runbooks.executor import Answer, Execution, execute
from diagnostics.runbooks.incident import End
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.log_folder import write_documents
from diagnostics.runbooks.resume import login_name
from diagnostics.targets.target import Target
from kb.runbook_model.advance import RunbookMismatch, StepRecord, advance
from kb.runbook_model.model import Runbook, RunbookStep
from tui.shared.messages import RunbookProgressed
from tui.shared.state import State

GO_ON: Final = "go on"
"""What a person says after something was told."""
PATIENCE_S: Final = 1.0
"""Seconds that the end waits for the log's last line; it takes milliseconds."""


@dataclass(frozen=True, slots=True)
class RunbookState:
    """Where a walk stands."""

    step: RunbookStep
    """What is done now, or the end."""
    visits: tuple[StepRecord, ...] = ()
    events: tuple[Event, ...] = ()
    """What the probes of the step have said."""
    asks: tuple[str, ...] = ()
    """What a person may answer now; empty where nothing waits for one."""
    reports: tuple[Report, ...] = ()
    """What the looks of this session came to."""
    end: End | None = None
    over: bool = False
    why: str = ""
    """Why it stopped before an end."""


class RunbookWorker:
    """One walk. All methods are called by the screen; `now` is replaced whole by the thread."""

    def __init__(
        self,
        runbook: Runbook,
        log: IncidentLog,
        state: State,
        target: Target,
        post: Callable[[Message], object],
        *,
        active: bool,
    ) -> None:
        self.runbook, self.log = runbook, log
        visits = log.incident.visits
        self.now = RunbookState(advance(runbook, visits), visits)
        self._state, self._began_with, self._active = state, target, active
        self._post = post
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stop: BaseException | None = None
        self._run: tuple[Run, Sequence[Task]] | None = None
        self._thread = threading.Thread(target=self._work, name=f"runbook {runbook.id}", daemon=True)

    def start(self) -> None:
        """Go, from where the log stands."""
        self._thread.start()

    def answer(self, choice: str) -> None:
        """Answer what is asked now; what is not asked any more is not answered."""
        if choice in self.now.asks:
            self.now = replace(self.now, asks=())
            self._answers.put(choice)

    def leave(self, *, terminated: bool = False) -> None:
        """Stop before the end, with a line in the log that says so; `--resume` goes on."""
        if self.now.over:
            return
        self._stop = Terminated() if terminated else KeyboardInterrupt()
        self._answers.put("")
        if self._run:
            run, planned = self._run
            run.cancel([task.key for task in planned])
        self._thread.join(PATIENCE_S)

    @property
    def _target(self) -> Target:
        """The target, looked up anew where it still is the chosen one: a repaired lab has other secrets."""
        chosen = self._state.target
        return chosen if chosen and chosen.name == self._began_with.name else self._began_with

    def _work(self) -> None:
        why = ""
        try:
            with self.log as log:
                try:
                    execute(self._plan(), log)
                finally:
                    write_documents(log, self.runbook)
        except (Interrupted, KeyboardInterrupt, Terminated):
            why = "stopped"
        except (UsageError, RunbookMismatch) as error:
            why = str(error)
        finally:
            self._become(replace(self.now, asks=(), end=self.log.incident.end, over=True, why=why))

    def _plan(self) -> Execution:
        examination = Examination(
            catalogue=self._state.catalogue,
            targets=(self._began_with,),
            active=self._active,
            redactor=self._state.redactor,
        )
        return Execution(
            runbook=self.runbook,
            examination=examination,
            tasks=self._tasks,
            who=login_name(),
            ask=lambda step: Answer(self._said(step.choices), "terminal"),
            step_started=self._begins,
            step_done=lambda visit: self._become(replace(self.now, visits=(*self.now.visits, visit))),
            run_tasks=self._look,
        )

    def _tasks(self, probes: Sequence[str]) -> Sequence[Task]:
        active, catalogue = self._active, self._state.catalogue
        return tasks((self._target,), probes, catalogue, active=active, forced=active)

    def _begins(self, step: RunbookStep) -> None:
        if self._stop and not step.ends:
            raise self._stop
        self._become(replace(self.now, step=step, events=()))
        if step.tell:
            self._said((GO_ON,))

    def _said(self, choices: tuple[str, ...]) -> str:
        self._become(replace(self.now, asks=choices))
        answer = self._answers.get()
        if self._stop:
            raise self._stop
        self._become(replace(self.now, asks=()))
        return answer

    def _look(self, examination: Examination, _: Sequence[Observer]) -> Report:
        """Run the tasks as `examine` does, but in a way that a key can end."""
        examination = replace(examination, targets=(self._target,), rejected=self._state.rejected)
        blank, run = new_report(examination), run_of(examination)
        self._run = run, examination.tasks
        if self._stop:
            raise self._stop
        for event in run:
            self._become(replace(self.now, events=(*self.now.events, event)))
        report = concluded(examination, blank, self.now.events)
        if self._stop:
            raise interrupted(self._stop, report)
        self._become(replace(self.now, reports=(*self.now.reports, report)))
        return report

    def _become(self, now: RunbookState) -> None:
        self.now = now
        self._post(RunbookProgressed(self))
