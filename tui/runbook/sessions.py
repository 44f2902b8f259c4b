"""Runbooks in the application: which one, on which target, begun or gone on with, and left in order."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

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
from tui.runbook.screen import RunbookScreen
from tui.runbook.worker import RunbookWorker

if TYPE_CHECKING:
    from tui.app import DoctorApp


class RunbookSessions:
    """At most one runbook is walked at a time."""

    def __init__(self, app: "DoctorApp") -> None:
        self.app = app
        self.walker: RunbookWorker | None = None

    @property
    def busy(self) -> bool:
        """Whether one is walked, or waits for a person."""
        return self.walker is not None and not self.walker.now.over

    def choose(self) -> None:
        """Show the one that is walked; else ask which one is to be begun or gone on with."""
        if self.walker and self.busy:
            self._show(self.walker)
            return
        state = self.app.state
        try:
            books = runbooks_of(state.kb, state.catalogue)
            names = (state.target.name,) if state.target else ()
            open_ = [
                one
                for one in unended_runs()
                if one.incident.targets == names and one.incident.runbook in books
            ]
        except (UsageError, InvalidRecord) as error:
            self.app.say(str(error))
            return
        chooser = menus.runbooks(books.values(), open_, state)
        self.app.push_screen(chooser, lambda chosen: self._chosen(chosen, books))

    def _chosen(self, chosen: str | None, books: Mapping[str, Runbook]) -> None:
        target = self.app.state.target
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
            self.app.say(str(error))
            return
        self._ask_consent(runbook, target, log)

    def _ask_consent(self, runbook: Runbook, target: Target, log: IncidentLog | None = None) -> None:
        """Active probes say what they send; without consent the walk goes without them."""
        held = self._held(runbook)
        if not held:
            self._begin(runbook, target, log, active=False)
            return
        question = menus.consent(held, self.app.state)
        self.app.push_screen(question, lambda yes: self._begin(runbook, target, log, active=bool(yes)))

    def _held(self, runbook: Runbook) -> list[Task]:
        state = self.app.state
        named = {name for step in runbook.steps for name in probes_of(step, state.catalogue)}
        held = {task.probe: task for task in state.examination(sorted(named)).tasks if task.skip}
        return list(held.values())

    def _begin(self, runbook: Runbook, target: Target, log: IncidentLog | None, *, active: bool) -> None:
        try:
            log = log or create_log(runbook, self.app.state.examination(()))
        except UsageError as error:
            self.app.say(str(error))
            return
        state, post = self.app.state, self.app.post_message
        self.walker = RunbookWorker(runbook, log, state, target, post, active=active)
        self.walker.start()
        self._show(self.walker)

    def _show(self, walker: RunbookWorker) -> None:
        self.app.push_screen(RunbookScreen(walker))

    def went_on(self, walker: RunbookWorker) -> None:
        """Show it where its screen is seen; elsewhere say when it needs a person."""
        known = {report.run_id for report in self.app.state.reports}
        for report in walker.now.reports:
            if report.run_id not in known:
                self.app.state.ended(report)
        desk = self.app.desk
        if isinstance(desk, RunbookScreen) and desk.walker is walker:
            desk.went_on()
        elif walker.now.asks:
            self.app.say(f"the runbook {walker.runbook.id} waits for an answer: B shows it")

    def leave(self, *, terminated: bool = False) -> None:
        """Stop what is walked; the summary says how it is gone on with."""
        if not self.walker:
            return
        self.walker.leave(terminated=terminated)
        path = self.walker.log.path
        if self.walker.log.incident.end:
            self.app.state.said.append(f"incident log: {path}")
        else:
            going_on = f"clearpay-doctor runbook run {self.walker.runbook.id} --resume {path}"
            self.app.state.said.append(f"not ended; go on with: {going_on}")
