"""Runs of runbooks in the application: choice, consent, start or resumption, and stop."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from diagnostics.engine.scheduler import Task
from diagnostics.errors import UsageError
from diagnostics.runbooks.log import IncidentLog
from diagnostics.runbooks.log_folder import create_log, unended_runs
from diagnostics.runbooks.lookup import probes_of, runbooks_of
from diagnostics.runbooks.resume import resume_log
from diagnostics.targets.target import Target
from kb.records.errors import InvalidRecord
from kb.runbook_model.model import Runbook
from tui.dialogs import menus
from tui.dialogs.consent import ask_consent
from tui.runbook.screen import RunbookScreen
from tui.runbook.worker import RunbookWorker
from tui.shared.host import Host


class RunbookSessions:
    """The runbooks that were run in this session, one at a time."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._worker: RunbookWorker | None = None

    def choose(self) -> None:
        """Show the runbook that is running; else ask which one to start or to resume."""
        if self._worker and not self._worker.now.ended:
            self._show(self._worker)
            return
        state = self._host.state
        try:
            books = runbooks_of(state.kb, state.catalogue)
            targets = (state.target.name,) if state.target else ()
            logs = [
                log
                for log in unended_runs()
                if log.incident.targets == targets and log.incident.runbook in books
            ]
        except (UsageError, InvalidRecord) as error:
            self._host.show_message(str(error))
            return
        dialog = menus.runbooks(books.values(), logs, state)
        self._host.push_screen(dialog, lambda chosen: self._chosen(chosen, books))

    def show_progress(self, run_id: str) -> None:
        """Show the new state of a run on its screen; on another screen, show that it waits for an answer."""
        worker = self._worker
        if worker is None or worker.run_id != run_id:
            return
        known = {report.run_id for report in self._host.state.reports}
        for report in worker.now.reports:
            if report.run_id not in known:
                self._host.state.add_report(report)
        screen = self._host.base_screen
        if isinstance(screen, RunbookScreen) and screen.worker is worker:
            screen.show_progress()
        elif worker.now.choices:
            self._host.show_message(f"the runbook {worker.runbook.id} waits for an answer: B shows it")

    def stop(self, *, terminated: bool = False) -> None:
        """Stop the runbook that is running; add to the summary how to resume it."""
        worker = self._worker
        if not worker:
            return
        worker.stop(terminated=terminated)
        if worker.log.incident.end:
            self._host.state.notes.append(f"incident log: {worker.log.path}")
        else:
            self._host.state.notes.append(f"not ended; to resume: {worker.resume_command}")

    def _chosen(self, chosen: str | None, books: Mapping[str, Runbook]) -> None:
        """Start the chosen runbook, or resume the one whose log has this path."""
        target = self._host.state.target
        if not chosen or target is None:
            return
        if chosen in books:
            self._ask_consent(books[chosen], target)
            return
        try:
            log = IncidentLog.resume(Path(chosen))
            runbook = books[log.incident.runbook]
            resume_log(log, runbook, (target,))
        except UsageError as error:
            self._host.show_message(str(error))
            return
        self._ask_consent(runbook, target, log)

    def _ask_consent(self, runbook: Runbook, target: Target, log: IncidentLog | None = None) -> None:
        """Start the runbook, without its active probes if the user declines them."""
        run = partial(self._start, runbook, target, log)
        ask_consent(self._host, self._active_tasks(runbook), run, run_if_declined=True)

    def _active_tasks(self, runbook: Runbook) -> list[Task]:
        state = self._host.state
        probes = {name for step in runbook.steps for name in probes_of(step, state.catalogue)}
        planned = state.examination(sorted(probes)).tasks
        return list({task.probe: task for task in planned if task.held_back}.values())

    def _start(self, runbook: Runbook, target: Target, log: IncidentLog | None, *, active: bool) -> None:
        state = self._host.state
        try:
            log = log or create_log(runbook, state.examination(()))
        except UsageError as error:
            self._host.show_message(str(error))
            return
        self._worker = RunbookWorker(runbook, log, state, target, self._host.post_message, active=active)
        self._worker.start()
        self._show(self._worker)

    def _show(self, worker: RunbookWorker) -> None:
        self._host.push_screen(RunbookScreen(worker))
