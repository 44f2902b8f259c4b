"""Triage: the diagnosis of an error text or an entry, and the verification of its fix."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from diagnostics.report.model import Report
from diagnostics.report.story import ActKind
from tui.dialogs.consent import ask_consent
from tui.entry.screen import EntryScreen
from tui.keys import bindings
from tui.shared.base_screen import BaseScreen
from tui.shared.messages import RunEnded, RunProgressed
from tui.shared.probe_runner import ProbeRunner
from tui.triage.disabled import disabled_actions
from tui.triage.lines import Detail, progress_text
from tui.triage.probe_lines import row_key
from tui.triage.session import TriageSession
from tui.triage.verification import Verification, act
from tui.triage.view import TriageView
from tui.widgets.rows import Rows

TICK_S = 1.0
"""Seconds between two updates of the elapsed time of a verification."""


class Triage(BaseScreen):
    """A session, its view, its runs of probes, and the verification that is going on."""

    CSS_PATH = "screen.tcss"
    NAME = "triage"
    HEADING = "TRIAGE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("triage")
    view: TriageView

    def __init__(self) -> None:
        super().__init__()
        self._session: TriageSession | None = None
        self.runner = ProbeRunner(self.post_message)
        self.verification = Verification(
            self._run_entry, lambda pause_s, attempt: self.set_timer(pause_s, attempt).stop
        )
        self.marked: set[str] = set()
        """Keys of the marked rows of probes."""
        self.detail: Detail = "candidate"

    def body(self) -> ComposeResult:
        """Yield the view."""
        self.view = TriageView(self.state.symbols)
        yield self.view

    def on_mount(self) -> None:
        """Focus the candidates."""
        self.set_focus(self.view.candidates)
        self.set_interval(TICK_S, self._show_elapsed_time)

    @property
    def session(self) -> TriageSession:
        """The session; an empty one at first."""
        if self._session is None:
            self._session = TriageSession(self.state)
        return self._session

    @property
    def current_entry(self) -> str:
        """The id of the highlighted candidate."""
        return self.view.candidates.key

    @property
    def current_report(self) -> Report | None:
        """The report of the session; None if nothing has run for it."""
        return self.session.final_report()

    @property
    def current_text(self) -> str:
        """The cleaned text."""
        return self.session.text.text

    @property
    def draft_text(self) -> str:
        """A draft of an entry if no known error matches the text."""
        return self.session.draft_text

    def open_session(self, session: TriageSession) -> None:
        """Show another session; cancel the run of the last one and ignore its further messages."""
        self.verification.stop()
        self.runner.forget()
        self._session, self.marked, self.detail = session, set(), "candidate"
        if self.is_mounted:
            self.toggle_zoom(None)
            self.view.probes.action_first()
            self.set_focus(self.view.candidates)

    def apply_target_change(self) -> None:
        """Diagnose the same text or entry on the new target."""
        self.open_session(replace(self.session))

    def apply_lab_change(self) -> None:
        """Discard results from before the change; try at once what is being verified."""
        self.runner.forget()
        self.session.plan(keep_verdicts=True)
        finding = self.state.lab_finding
        self.add_act("lab", f"broken: {finding}" if finding else "repaired")
        self.repaint()
        self.verification.try_now()

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        return disabled_actions(
            self.session,
            self.current_entry,
            candidates_focused=self.view.candidates.has_focus,
            running=self.runner.busy or bool(self.verification.entry),
        )

    def repaint(self) -> None:
        """Show the session."""
        self.view.show(self.session, self.marked, self.runner.keys_in_run)
        self._show_detail()
        verifying = self.verification.entry
        self.show_status(f"verifying {verifying}" if verifying else progress_text(self.session))

    def _show_detail(self) -> None:
        self.view.show_detail(self.session, self.detail, self.pane_hint)

    def run_probes(self, probes: Iterable[str], *, active: bool = False) -> None:
        """Run probes and those that they need."""
        names = self.state.catalogue.with_needs(list(probes))
        examination = self.state.examination(names, self.session.text_matches, active=active)
        verifying = bool(self.verification.entry)
        self.session.begin(examination, discard_events=verifying)
        self.runner.start(
            examination, self.verification.record.begin_try if verifying else self.state.recorder
        )
        self.repaint()

    def _run_entry(self, entry: str, *, active: bool) -> None:
        self.run_probes(self.state.catalogue.probes_of(self.session.entry(entry)), active=active)

    def action_run_one(self) -> None:
        """Run the highlighted probe, or the probes of the highlighted candidate."""
        task, entry = self.view.highlighted_task(self.session), self.current_entry
        if task is None:
            return
        if self.focused is self.view.candidates:
            active_tasks = self.session.required_active_tasks(entry)
            ask_consent(self.host, active_tasks, partial(self._run_entry, entry), run_if_declined=True)
        else:
            active_tasks = [task] if task.held_back else []
            ask_consent(self.host, active_tasks, partial(self.run_probes, [task.probe]))

    def action_run_all(self) -> None:
        """Run the marked probes, else all; active ones are left out."""
        marked = [task.probe for task in self.session.tasks if row_key(task.key) in self.marked]
        self.run_probes(marked or self.session.probes)

    def action_cancel(self) -> None:
        """Cancel the highlighted probe if it is running, else the run."""
        task = self.view.highlighted_task(self.session)
        running = task is not None and self.session.task_state(task) == "running"
        self.verification.stop()
        self.runner.cancel([task.key] if task and running else None)
        self.repaint()

    def action_cancel_all(self) -> None:
        """Cancel the run and the verification."""
        self.verification.stop()
        self.runner.cancel()
        self.repaint()

    def action_mark(self) -> None:
        """Mark or unmark the highlighted probe, and move to the next one."""
        self.marked ^= {self.view.probes.key}
        self.repaint()
        self.view.probes.action_cursor_down()

    def action_verify(self) -> None:
        """Verify the highlighted candidate."""
        entry = self.current_entry
        active_tasks = self.session.required_active_tasks(entry)
        frequency = f"every {self.state.pause_s:g} s until it is green"
        ask_consent(self.host, active_tasks, partial(self._verify, entry), frequency=frequency)

    def _verify(self, entry: str, *, active: bool) -> None:
        self.toggle_zoom(None)
        self.detail = "candidate"
        self.verification.start(self.session, entry, active=active)
        self.repaint()

    def _show_elapsed_time(self) -> None:
        if self.verification.entry and self.is_current:
            self.verification.update_story()
            self._show_detail()

    def add_act(self, kind: ActKind, text: str = "") -> None:
        """Remember what was done, for the story."""
        self.session.acts.append(act(kind, text))

    def action_fix(self) -> None:
        """Show the fix of the highlighted candidate; enlarge it if the panes are not side by side."""
        diagnosis = self.session.fixes[self.current_entry]
        if not any(done.kind == "shown" for done in self.session.acts):
            self.add_act("shown", diagnosis.statement)
        if self.view.fix.parent and self.view.fix.parent.display and not self.has_class("-single"):
            self.set_focus(self.view.fix)
        else:
            self._focus_detail("fix", zoom=not self.is_zoomed)

    def action_apply_fix(self) -> None:
        """Offer the steps of the fix of the highlighted candidate, run those accepted, and verify."""
        from tui.triage.applied_fix import apply_fix  # noqa: PLC0415  only for the action that changes a system

        entry, catalogue = self.session.entry(self.current_entry), self.state.catalogue
        probes = catalogue.with_needs(catalogue.probes_of(entry))
        examination = self.state.examination(probes, active=self.session.active)
        record = apply_fix(self.host, examination, entry)
        done = [step for step in record.steps if step.changes and step.state == "done"] if record else []
        for step in done:
            self.add_act("run", step.command)
            if step.undone == "done":
                self.add_act("undone", step.undo)
        if done:
            self._verify(entry.id, active=self.session.active)

    def action_open(self) -> None:
        """Open the highlighted entry, or enlarge the evidence of the highlighted probe."""
        if self.focused is self.view.probes:
            self._focus_detail("probe", zoom=True)
        else:
            self.app.push_screen(EntryScreen(self.current_entry))

    def _focus_detail(self, detail: Detail, *, zoom: bool) -> None:
        self.detail = detail
        self._show_detail()
        self.set_focus(self.view.detail)
        if zoom:
            self.toggle_zoom(self.view.detail)

    def action_back(self) -> None:
        """Show all panes and the candidate again, and focus the candidates."""
        self.end_zoom()
        self.detail = "candidate"
        self._show_detail()
        self.set_focus(self.view.candidates)

    @on(RunProgressed)
    @on(RunEnded)
    def show_progress(self, message: RunProgressed | RunEnded) -> None:
        """Show the progress of the current run."""
        if not self.runner.accept(message) or not self.runner.current:
            return
        self.session.update(self.runner.current)
        ended = isinstance(message, RunEnded)
        if ended:
            self._finish_run()
        self.repaint()
        if ended and not self.verification.entry:
            self._highlight_confirmed()
        self.show_keys()

    def _finish_run(self) -> None:
        if report := self.current_report:
            self.state.add_report(report)
        if not self.verification.entry:
            return
        attempt = self.verification.result(self.session)
        if attempt.verified:
            self.state.notes.append(attempt.text)
            self.show_message(f"{attempt.text}; E writes the report", "good")
            self.app.bell()
        else:
            self.show_message(attempt.text, "warn")

    def _highlight_confirmed(self) -> None:
        """Move the cursor to the first candidate if it is confirmed and the highlighted one is not."""
        confirmed = self.session.confirmed
        if confirmed and self.current_entry not in confirmed:
            self.view.candidates.move_to(0)
        if not self.view.probes.has_focus:  # failed probes are first
            self.view.probes.move_to(0)

    @on(Rows.Highlighted)
    def show_highlighted(self, message: Rows.Highlighted) -> None:
        """Show details of the highlighted row."""
        if message.rows.has_focus:
            self.detail = "probe" if message.rows.id == "probes" else "candidate"
        self._show_detail()
        self.show_keys()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show details of the highlighted row of the focused list."""
        if event.widget.id in {"probes", "candidates"}:
            self.detail = "probe" if event.widget.id == "probes" else "candidate"
            self._show_detail()
            self.show_keys()
