"""Triage: from a text to its candidates, the probes that tell them apart, the proof, and a verified fix."""

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType

from tui.entry.screen import EntryScreen
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, Handlers
from tui.shared.messages import Ended, Progressed
from tui.triage.probe_lines import row_key
from tui.triage.session import TriageSession
from tui.triage.verification import Verifying
from tui.widgets.pane import Pane
from tui.widgets.rows import Rows

NOTHING = "no text yet: p pastes one"


class Triage(Verifying):
    """What its keys do."""

    WHERE = "triage"
    TITLE_WORD = "TRIAGE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("triage")

    def on_mount(self) -> None:
        """The candidates have the keys."""
        super().on_mount()
        self.set_focus(self.query_one("#candidates", Rows))

    def look_into(self, case: TriageSession) -> None:
        """Show another case; what ran for the one before is cancelled, and what it still says dropped."""
        self.stop_verifying()
        self.runner.cancel()
        self.runner.underway = None
        self._case, self.marked, self.detail = case, set(), "candidate"
        if self.is_mounted:
            self.zoomed(None)
            self.query_one("#probes", Rows).action_first()
            self.set_focus(self.query_one("#candidates", Rows))

    def target_changed(self) -> None:
        """The same question to something else: what was said before is forgotten."""
        self.look_into(replace(self.case))

    def lab_changed(self) -> None:
        """The lab is elsewhere or well again: what was said of it before is forgotten, verifying goes on."""
        self.runner.cancel()
        self.runner.underway = None
        self.case.plan()
        self.repaint()
        self.try_again()

    def handlers(self) -> Handlers:
        """What Triage does itself."""
        return {
            "run.one": self.run_one,
            "run.set": self.run_set,
            "run.cancel": self.cancel_one,
            "run.cancel_all": self.cancel_all,
            "mark": self.mark,
            "verify": self.verify,
            "fix": self.show_fix,
            "open": self.open,
            "back": self.back,
            "zoom": lambda: self.zoomed(self.focused),
            "pane": self.focus_next,
            "pane_back": self.focus_previous,
        }

    def refusals(self) -> dict[str, str]:
        """Why keys are dead."""
        why: dict[str, str] = {}
        if self.case.finished() is None:
            why["export"] = "" if self.draft_text else "nothing ran for this yet"
        if self.state.target is None:
            why |= dict.fromkeys(("run.one", "run.set", "mark", "verify"), NO_TARGET)
        elif not self.case.planned:
            reason = "the target has nothing that these probes examine"
            why |= dict.fromkeys(("run.one", "run.set", "mark"), reason)
        if not self.candidate:
            why |= dict.fromkeys(("verify", "fix", "open"), "there is no candidate: p pastes an error")
            if self.query_one("#candidates").has_focus:
                why.setdefault("run.one", "there is no candidate: R runs all; tab goes to the probes")
        elif "fix" not in why and not self._fixable():
            why["fix"] = "no cause is established yet: R runs the probes; enter shows all fixes"
        if not self.runner.busy and not self.verifying:
            why |= dict.fromkeys(("run.cancel", "run.cancel_all"), "nothing runs")
        if not self.case.text.text:
            why["edit"] = NOTHING
        return why

    def _fixable(self) -> bool:
        return self.candidate in self.case.established

    def run_one(self) -> None:
        """Run the highlighted probe with what it needs; an active one only after a question."""
        task = self.probe_task
        if task is None:
            return
        if self.focused is self.query_one("#candidates"):
            self._run_entry()
        elif task.skip:
            self.ask([task], lambda: self.run_probes([task.probe], active=True))
        else:
            self.run_probes([task.probe])

    def _run_entry(self) -> None:
        """Run what tells of the highlighted entry; without consent what is quiet of it."""
        probes = self.state.catalogue.probes_of(self.case.entry(self.candidate))
        if held := self.case.deciding(self.candidate):
            self.ask(held, lambda: self.run_probes(probes, active=True), lambda: self.run_probes(probes))
        else:
            self.run_probes(probes)

    def run_set(self) -> None:
        """Run the marked probes, else all of the list. Active ones wait for their own question."""
        marked = [task.probe for task in self.case.planned if row_key(task.key) in self.marked]
        self.run_probes(marked or self.case.probes)

    def cancel_one(self) -> None:
        """Cancel the highlighted probe where it runs, else all."""
        task = self.probe_task
        running = task is not None and self.case.probe_state(task, waits=False) == "running"
        self.stop_verifying()
        self.runner.cancel([task.key] if task and running else None)

    def cancel_all(self) -> None:
        """Cancel what runs and what waits."""
        self.stop_verifying()
        self.runner.cancel()

    def mark(self) -> None:
        """Mark or unmark the highlighted probe."""
        rows = self.query_one("#probes", Rows)
        self.marked ^= {rows.key}
        self.repaint()
        rows.action_cursor_down()

    def show_fix(self) -> None:
        """Show the fix of the highlighted candidate, with room to read."""
        self.detail = "fix"
        self.show_detail()
        self.set_focus(self.query_one("#detail", Pane))
        if not self.has_class("-wide") and not self.has_class("-zoomed"):
            self.zoomed(self.query_one("#detail", Pane))

    def open(self) -> None:
        """The whole entry, or the whole evidence."""
        if self.focused is self.query_one("#probes"):
            self.detail = "probe"
            self.show_detail()
            self.set_focus(self.query_one("#detail", Pane))
            self.zoomed(self.query_one("#detail", Pane))
        else:
            self.app.push_screen(EntryScreen(self.candidate))

    def back(self) -> None:
        """Out of the zoom, then out of the fix, then to the candidates."""
        if self.has_class("-zoomed"):
            self.zoomed(None)
        self.detail = "candidate"
        self.show_detail()
        self.set_focus(self.query_one("#candidates", Rows))

    @on(Progressed)
    @on(Ended)
    def show_progress(self, message: Progressed | Ended) -> None:
        """A run went on; of a run that is not the current one nothing is shown."""
        if not self.runner.take(message) or not self.runner.underway:
            return
        self.case.take(self.runner.underway)
        if isinstance(message, Ended):
            self.ended()
        self.repaint()
        if isinstance(message, Ended) and not self.verifying:
            self._show_root()
        self.show_keys()

    def _show_root(self) -> None:
        """The cursor goes to what was confirmed, where it was on something that was not."""
        confirmed = [entry for entry in self.case.candidates if self.case.verdict(entry) == "confirmed"]
        if confirmed and self.candidate not in confirmed:
            self.query_one("#candidates", Rows).move_to(0)

    @on(Rows.Highlighted)
    def show_highlighted(self, message: Rows.Highlighted) -> None:
        """The detail follows the cursor of the list that has the keys."""
        if message.rows.has_focus:
            self.detail = "probe" if message.rows.id == "probes" else "candidate"
        self.show_detail()
        self.show_keys()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The detail follows the list that has the keys."""
        if event.widget.id in {"probes", "candidates"}:
            self.detail = "probe" if event.widget.id == "probes" else "candidate"
            self.show_detail()
            self.show_keys()
