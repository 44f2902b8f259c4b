"""Execution of a runbook on a daemon thread, with the executor and the log of the command line."""

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
    build_report,
    create_run,
    interruption,
    new_report,
)
from diagnostics.run.selection import tasks
from diagnostics.runbooks.executor import Answer, Execution, execute
from diagnostics.runbooks.incident import End
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.log_folder import write_documents
from diagnostics.runbooks.resume import login_name, resume_command
from diagnostics.targets.target import Target
from kb.runbook_model.advance import RunbookMismatch, StepRecord, advance
from kb.runbook_model.model import Runbook, RunbookStep
from tui.shared.messages import RunbookProgressed
from tui.shared.state import State

CONTINUE: Final = "continue"
"""The only choice after an instruction."""
STOP_TIMEOUT_S: Final = 1.0
"""Time to write the last line of the log when the runbook is stopped; that takes milliseconds."""


@dataclass(frozen=True, slots=True)
class RunbookState:
    """The state of a run of a runbook. The worker's thread replaces it as a whole."""

    step: RunbookStep
    """The current step, or the end."""
    visits: tuple[StepRecord, ...] = ()
    """The steps that are done."""
    events: tuple[Event, ...] = ()
    """The events of the probes of the current step."""
    choices: tuple[str, ...] = ()
    """The possible answers; empty unless the runbook waits for one."""
    reports: tuple[Report, ...] = ()
    """The reports of the steps that ran probes in this session."""
    end: End | None = None
    ended: bool = False
    """True after an end, or after the runbook was stopped."""
    stop_reason: str = ""
    """The reason for a stop before an end."""


class RunbookWorker:
    """A run of a runbook and its thread. The screen calls the methods and reads `now`."""

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
        self._state, self._initial_target, self._active = state, target, active
        self._post = post
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stop: BaseException | None = None
        self._run: tuple[Run, Sequence[Task]] | None = None
        self._thread = threading.Thread(target=self._execute, name=f"runbook {runbook.id}", daemon=True)

    @property
    def run_id(self) -> str:
        """The id of the run in its incident log."""
        return self.log.incident.run_id

    def start(self) -> None:
        """Start, or resume after the last step of the log."""
        self._thread.start()

    def answer(self, choice: str) -> None:
        """Answer the current question; ignore an answer to an earlier one."""
        if choice in self.now.choices:
            self.now = replace(self.now, choices=())
            self._answers.put(choice)

    def stop(self, *, terminated: bool = False) -> None:
        """Stop before the end and record the interruption in the log, from which `--resume` continues."""
        if self.now.ended:
            return
        self._stop = Terminated() if terminated else KeyboardInterrupt()
        self._answers.put("")
        if self._run:
            run, planned = self._run
            run.cancel([task.key for task in planned])
        self._thread.join(STOP_TIMEOUT_S)

    @property
    def _target(self) -> Target:
        """The current target if it has the initial one's name: after a repair the lab has other secrets."""
        current = self._state.target
        return current if current and current.name == self._initial_target.name else self._initial_target

    def _execute(self) -> None:
        reason = ""
        try:
            with self.log as log:
                try:
                    execute(self._execution(), log)
                finally:
                    write_documents(log, self.runbook)
        except (Interrupted, KeyboardInterrupt, Terminated):
            reason = "stopped"
        except (UsageError, RunbookMismatch) as error:
            reason = str(error)
        finally:
            end = self.log.incident.end
            self._update(replace(self.now, choices=(), end=end, ended=True, stop_reason=reason))

    @property
    def resume_command(self) -> str:
        """The command that resumes the run in a later session."""
        return resume_command(self._examination(), self.runbook, self.log)

    def _examination(self) -> Examination:
        return Examination(
            catalogue=self._state.catalogue,
            targets=(self._initial_target,),
            active=self._active,
            forced=self._active and self._initial_target.production,
            redactor=self._state.redactor,
            kb=self._state.kb_option,
        )

    def _execution(self) -> Execution:
        return Execution(
            runbook=self.runbook,
            examination=self._examination(),
            tasks=self._tasks,
            who=login_name(),
            ask=lambda step: Answer(self._wait_for_answer(step.choices), "terminal"),
            step_started=self._begin_step,
            step_done=lambda visit: self._update(replace(self.now, visits=(*self.now.visits, visit))),
            run_tasks=self._examine,
        )

    def _tasks(self, probes: Sequence[str]) -> Sequence[Task]:
        active, catalogue = self._active, self._state.catalogue
        kb = self._state.kb_option
        return tasks((self._target,), probes, catalogue, active=active, forced=active, kb=kb)

    def _begin_step(self, step: RunbookStep) -> None:
        if self._stop and not step.ends:
            raise self._stop
        self._update(replace(self.now, step=step, events=()))
        if step.tell:
            self._wait_for_answer((CONTINUE,))

    def _wait_for_answer(self, choices: tuple[str, ...]) -> str:
        self._update(replace(self.now, choices=choices))
        answer = self._answers.get()
        if self._stop:
            raise self._stop
        self._update(replace(self.now, choices=()))
        return answer

    def _examine(self, examination: Examination, _: Sequence[Observer]) -> Report:
        """Run the tasks as `examine` does, but so that `stop` can end the run."""
        examination = replace(examination, targets=(self._target,), rejected=self._state.rejected)
        empty_report, run = new_report(examination), create_run(examination)
        self._run = run, examination.tasks
        if self._stop:
            raise self._stop
        for event in run:
            self._update(replace(self.now, events=(*self.now.events, event)))
        report = build_report(examination, empty_report, self.now.events)
        if self._stop:
            raise interruption(self._stop, report)
        self._update(replace(self.now, reports=(*self.now.reports, report)))
        return report

    def _update(self, now: RunbookState) -> None:
        self.now = now
        self._post(RunbookProgressed(self.run_id))
