"""Triage: from a text to its candidates, the probes that tell them apart, the proof, and a verified fix."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.engine import Task
from diagnostics.events import Key
from diagnostics.report import Report
from kb.skeleton import draft
from tui.actions import bindings
from tui.case import Case
from tui.menus import consent
from tui.messages import Ended, Progressed
from tui.runner import Runner
from tui.screens.desk import NO_TARGET, Desk, Handlers
from tui.screens.entry import EntryScreen
from tui.triage_lines import candidate_row, detail_lines, probe_row, text_lines
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from textual.timer import Timer

NOTHING = "no text yet: p pastes one"


class Triage(Desk):
    """Its state: the case, what is marked, what the detail is about, and the verification that goes on."""

    CSS_PATH = "triage.tcss"
    WHERE = "triage"
    TITLE_WORD = "TRIAGE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("triage")

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self.runner = Runner(self.post_message)
        self.marked: set[str] = set()
        self.detail = "candidate"
        """What the last pane is about: `candidate`, `probe` or `fix`."""
        self.verifying = ""
        """The entry whose fix is being verified; empty where none is."""
        self._again: Timer | None = None

    def body(self) -> ComposeResult:
        """Four panes: below each other, or in two columns."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="left"):
                with Vertical(id="text_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="text_title")
                    yield Pane(id="text")
                with Vertical(id="candidates_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="candidates_title")
                    yield Rows(bar=symbols.bar, id="candidates")
            with Vertical(id="right"):
                with Vertical(id="probes_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="probes_title")
                    yield Rows(bar=symbols.bar, id="probes")
                with Vertical(id="detail_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="detail_title")
                    yield Pane(id="detail")

    def on_mount(self) -> None:
        """The candidates have the keys."""
        super().on_mount()
        self.set_focus(self.query_one("#candidates", Rows))

    @property
    def case(self) -> Case:
        """What is looked into; an empty case at first."""
        if self._case is None:
            self._case = Case(self.state)
        return self._case

    @property
    def candidate(self) -> str:
        """The highlighted entry."""
        return self.query_one("#candidates", Rows).key

    @property
    def probe_task(self) -> Task | None:
        """The highlighted probe."""
        key = self.query_one("#probes", Rows).key
        return next((task for task in self.case.planned if row_key(task.key) == key), None)

    def look_into(self, case: Case) -> None:
        """Show another case; what ran for the one before is cancelled, and what it still says dropped."""
        self._stop_verifying()
        self.runner.cancel()
        self.runner.underway = None
        self._case, self.marked, self.detail = case, set(), "candidate"
        if self.is_mounted:
            self.repaint()
            self.set_focus(self.query_one("#candidates", Rows))

    @property
    def own_entry(self) -> str:
        """The highlighted candidate."""
        return self.candidate

    @property
    def own_report(self) -> Report | None:
        """The report of the case; none where nothing ran for it."""
        return self.case.finished()

    @property
    def own_text(self) -> str:
        """The cleaned text."""
        return self.case.text.text

    @property
    def draft_text(self) -> str:
        """A draft where nothing known matches the text."""
        unknown = self.case.text.text and not self.case.candidates
        return draft(self.case.text.text) if unknown else ""

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

    def repaint(self) -> None:
        """Everything, from the case."""
        case, symbols = self.case, self.state.symbols
        self._title("text", "1 Error" if not case.chosen else "1 Chosen entry", self._masked())
        self.query_one("#text", Pane).show(text_lines(case), case.text.text)
        self._title("candidates", "2 Candidates", "verdict · score · why" if case.candidates else "")
        numbered = enumerate(case.candidates, 1)
        self.query_one("#candidates", Rows).show([candidate_row(case, symbols, *one) for one in numbered])
        self._title("probes", "3 Probes", "most telling first" if case.planned else "")
        busy = self._waiting()
        self.query_one("#probes", Rows).show([self._row(task, busy) for task in case.listed])
        self._show_detail()
        self.status(self._progress())

    def _row(self, task: Task, busy: set[Key]) -> Row:
        key = row_key(task.key)
        waits, marked = task.key in busy, key in self.marked
        return Row(key, probe_row(self.case, self.state.symbols, task, waits=waits, marked=marked))

    def _masked(self) -> str:
        masked = self.case.text.masked
        return f"{masked} secret{'s' * (masked != 1)} masked" if self.case.text.text else ""

    def _title(self, pane: str, text: str, right: str) -> None:
        self.query_one(f"#{pane}_title", Bar).show([Piece(text, "strong")], right)

    def _show_detail(self) -> None:
        probe = self.probe_task.probe if self.probe_task else "none"
        title = {
            "candidate": self.candidate or "What to do",
            "probe": f"Evidence: {probe}",
            "fix": f"Fix: {self.candidate}",
        }[self.detail]
        lines = detail_lines(self.case, self.state, self.detail, self.candidate, self.probe_task)
        self._title("detail", f"4 {title}", "z zooms · tab goes on")
        self.query_one("#detail", Pane).show(lines, title)

    def _waiting(self) -> set[Key]:
        if not self.runner.busy or not self.runner.underway:
            return set()
        return {task.key for task in self.runner.underway.examination.tasks}

    def _progress(self) -> str:
        if self.verifying:
            return f"verifying {self.verifying}"
        states = [self.case.probe_state(task, waits=False) for task in self.case.planned]
        done = sum(state not in {"new", "waiting", "running", "held"} for state in states)
        counted = [f"{states.count(word)} {word}" for word in ("fail", "running") if word in states]
        return " · ".join([f"{done} of {len(states)} done", *counted]) if done or counted else ""

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
        self._show_detail()
        self.set_focus(self.query_one("#detail", Pane))
        if not self.has_class("-wide") and not self.has_class("-zoomed"):
            self.zoomed(self.query_one("#detail", Pane))

    def open(self) -> None:
        """The whole entry, or the whole evidence."""
        if self.focused is self.query_one("#probes"):
            self.detail = "probe"
            self._show_detail()
            self.set_focus(self.query_one("#detail", Pane))
            self.zoomed(self.query_one("#detail", Pane))
        else:
            self.app.push_screen(EntryScreen(self.candidate))

    def back(self) -> None:
        """Out of the zoom, then out of the fix, then to the candidates."""
        if self.has_class("-zoomed"):
            self.zoomed(None)
        self.detail = "candidate"
        self._show_detail()
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
        self.show_keys()

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
        self._show_detail()
        self.show_keys()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The detail follows the list that has the keys."""
        if event.widget.id in {"probes", "candidates"}:
            self.detail = "probe" if event.widget.id == "probes" else "candidate"
            self._show_detail()
            self.show_keys()


def row_key(key: Key) -> str:
    """A result's key as the key of a row."""
    return f"{key.probe} {key.target} {key.endpoint}"
