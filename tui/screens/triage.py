"""Triage: from a text to its candidates, the probes that tell them apart, the proof, and a verified fix."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType

from tui.actions import bindings
from tui.case import Case
from tui.menus import consent
from tui.messages import Ended, Progressed
from tui.screens.desk import NO_TARGET, Handlers
from tui.screens.entry import EntryScreen
from tui.screens.triage_view import TriageView, row_key
from tui.widgets.pane import Pane
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from textual.timer import Timer

NOTHING = "no text yet: p pastes one"


class Triage(TriageView):
    """What its keys do."""

    WHERE = "triage"
    TITLE_WORD = "TRIAGE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("triage")

    def __init__(self) -> None:
        super().__init__()
        self._again: Timer | None = None

    def on_mount(self) -> None:
        """The candidates have the keys."""
        super().on_mount()
        self.set_focus(self.query_one("#candidates", Rows))

    def look_into(self, case: Case) -> None:
        """Show another case; what ran for the one before is cancelled, and what it still says dropped."""
        self._stop_verifying()
        self.runner.cancel()
        self.runner.underway = None
        self._case, self.marked, self.detail = case, set(), "candidate"
        if self.is_mounted:
            self.repaint()
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
        self._try_again()

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
            entry = self.case.entry(self.candidate)
            self._run(self.state.catalogue.probes_of(entry))
        elif task.skip:
            question = consent([task], self.state)
            self.app.push_screen(question, lambda yes: self._run([task.probe], active=True) if yes else None)
        else:
            self._run([task.probe])

    def run_set(self) -> None:
        """Run the marked probes, else all of the list. Active ones wait for their own question."""
        marked = [task.probe for task in self.case.planned if row_key(task.key) in self.marked]
        self._run(marked or self.case.probes)

    def _run(self, probes: Iterable[str], *, active: bool = False) -> None:
        wanted = self.state.catalogue.with_needs(list(probes))
        examination = self.state.examination(wanted, self.case.matches, active=active)
        self.case.begin(examination, afresh=bool(self.verifying))
        self.runner.start(examination, self.state.record)
        self.repaint()

    def verify(self) -> None:
        """Run the probes of the highlighted entry until they are green."""
        self.verifying = self.candidate
        self._try_again()

    def _try_again(self) -> None:
        if self._again:
            self._again.stop()
        if self.verifying:
            self._run(self.state.catalogue.probes_of(self.case.entry(self.verifying)))

    def cancel_one(self) -> None:
        """Cancel the highlighted probe where it runs, else all."""
        task = self.probe_task
        running = task is not None and self.case.probe_state(task, waits=False) == "running"
        self._stop_verifying()
        self.runner.cancel([task.key] if task and running else None)

    def cancel_all(self) -> None:
        """Cancel what runs and what waits."""
        self._stop_verifying()
        self.runner.cancel()

    def _stop_verifying(self) -> None:
        self.verifying = ""
        if self._again:
            self._again.stop()

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
            self._ended()
        self.repaint()
        if isinstance(message, Ended) and not self.verifying:
            self._show_root()
        self.show_keys()

    def _show_root(self) -> None:
        """The cursor goes to what was confirmed, where it was on something that was not."""
        first = self.case.candidates[:1]
        if first and self.case.verdict(first[0]) == "confirmed" != self.case.verdict(self.candidate):
            self.query_one("#candidates", Rows).move_to(0)

    def _ended(self) -> None:
        report = self.case.finished()
        if report:
            self.state.ended(report)
        if not self.verifying:
            return
        if self.case.green(self.verifying):
            said = f"verified: {self.verifying} is green"
            self.state.said.append(said)
            self.say(said, "good")
            self.verifying = ""
            self.app.bell()
        else:
            self.say(f"not green yet: {self.verifying}; again in {self.state.pause_s:g} s, x cancels", "warn")
            self._again = self.set_timer(self.state.pause_s, self._try_again)

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
