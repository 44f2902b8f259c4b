"""Browse: all known errors, a filter that works while it is typed, and a preview."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input

from kb.records.models import Entry
from tui.browse.lines import entry_row, preview_lines
from tui.dialogs.choice import Choice
from tui.dialogs.text_input import WholePaste
from tui.entry.screen import EntryScreen
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, BaseScreen, Handlers
from tui.shared.messages import Ended, Progressed
from tui.shared.probe_runner import Runner
from tui.shared.text_filter import Filter, haystack, read_filter
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows

ASKS_ABOVE = 20
"""Entries that `R` runs without asking."""


class Browse(BaseScreen):
    """The list. Its state: the filter, the marks, and a run over entries where one goes on."""

    CSS_PATH = "screen.tcss"
    WHERE = "browse"
    TITLE_WORD = "BROWSE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("browse")

    def __init__(self) -> None:
        super().__init__()
        self.filter = Filter()
        self.marked: set[str] = set()
        self.runner = Runner(self.post_message)
        self._haystacks: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """List and preview: below each other, or beside where there is room."""
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="list_title")
                line = WholePaste(
                    id="filter", compact=True, placeholder="words, !word, layer:, state:, severity:"
                )
                line.cursor_blink = False
                yield line
                yield Rows(bar=self.state.symbols.bar, id="entries")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="preview_title")
                yield Pane(id="preview")

    def on_mount(self) -> None:
        """The list has the keys, not the filter."""
        self._haystacks = {entry.id: haystack(entry) for entry in self.state.catalogue.entries.values()}
        super().on_mount()
        self.set_focus(self.query_one(Rows))

    @property
    def entry(self) -> Entry | None:
        """What is highlighted."""
        return self.state.catalogue.entries.get(self.query_one(Rows).key)

    @property
    def own_entry(self) -> str:
        """The highlighted entry."""
        return self.query_one(Rows).key

    def handlers(self) -> Handlers:
        """What Browse does itself."""
        return {
            "open": self.open,
            "back": self.clear,
            "filter": self.type_filter,
            "mark": self.mark,
            "run.one": self.run_one,
            "run.set": self.run_set,
            "run.cancel": self.runner.cancel,
            "run.cancel_all": self.runner.cancel,
            "zoom": lambda: self.zoomed(self.focused),
            "pane": self.focus_next,
            "pane_back": self.focus_previous,
        }

    def refusals(self) -> dict[str, str]:
        """Why keys are dead."""
        why: dict[str, str] = {}
        if self.entry is None:
            why |= dict.fromkeys(("open", "mark", "run.one", "run.set", "copy", "site"), "no entry is shown")
        if self.state.target is None:
            why |= dict.fromkeys(("run.one", "run.set"), NO_TARGET)
        if not self.runner.busy:
            why |= dict.fromkeys(("run.cancel", "run.cancel_all"), "nothing runs")
        return why

    def shown(self) -> list[Entry]:
        """The entries that pass the filter, those first whose name has the words; the old ones left out."""
        passed = [
            entry
            for entry in self.state.catalogue.entries.values()
            if not entry.retired
            and self.filter.accepts(
                self._haystacks[entry.id],
                {"layer": entry.layer, "severity": entry.severity, "state": self.state.last(entry)[0]},
            )
        ]
        return sorted(passed, key=lambda entry: not self.filter.names(f"{entry.id} {entry.title}".lower()))

    def repaint(self) -> None:
        """List, titles, preview."""
        entries = self.shown()
        wide = self.app.size.width >= WIDE
        rows = [
            entry_row(entry, self.state.symbols, self._word(entry), marked=entry.id in self.marked, wide=wide)
            for entry in entries
        ]
        self.query_one(Rows).show(rows)
        typed = self.query_one("#filter", Input).value
        title = [Piece(f"filter: {typed}" if typed else "known errors", "strong")]
        self.query_one("#list_title", Bar).show(title, f"{len(entries)} of {len(self._haystacks)}")
        self.query_one("#filter").display = bool(typed) or self.query_one("#filter").has_focus
        self.status(self._progress())
        self._preview()

    def _word(self, entry: Entry) -> str:
        if self.runner.busy and self.runner.underway:
            keys = {task.probe for task in self.runner.underway.examination.tasks}
            if keys & set(self.state.catalogue.probes_of(entry)):
                return "running"
        return self.state.last(entry)[0]

    def _progress(self) -> str:
        underway = self.runner.underway
        if not underway:
            return ""
        done = len(underway.report.results) if underway.over else len({e.key for e in underway.events})
        return f"{done} of {len(underway.examination.tasks)} probes"

    def _preview(self) -> None:
        entry = self.entry
        title = entry.id if entry else "nothing"
        self.query_one("#preview_title", Bar).show(
            [Piece(title, "strong")], self.how("enter opens · z zooms")
        )
        nothing = [Line("No known error passes the filter. esc clears it.")]
        self.query_one("#preview", Pane).show(preview_lines(entry, self.state) if entry else nothing, title)

    def open(self) -> None:
        """The whole entry."""
        if self.entry:
            self.app.push_screen(EntryScreen(self.entry.id))

    def type_filter(self) -> None:
        """The next keys go to the filter."""
        line = self.query_one("#filter", Input)
        line.display = True
        self.set_focus(line)

    def clear(self) -> None:
        """Leave the zoom, then clear the filter."""
        if self.has_class("-zoomed"):
            self.zoomed(None)
            return
        self.query_one("#filter", Input).value = ""
        self.set_focus(self.query_one(Rows))

    def mark(self) -> None:
        """Mark or unmark, and go on to the next."""
        rows = self.query_one(Rows)
        self.marked ^= {rows.key}
        self.repaint()
        rows.action_cursor_down()

    def run_one(self) -> None:
        """Run the probes of the highlighted entry."""
        if self.entry:
            self._run([self.entry])

    def run_set(self) -> None:
        """Run the marked ones, else all that are shown; many only after a question."""
        chosen = [entry for entry in self.shown() if entry.id in self.marked] or self.shown()
        if len(chosen) <= ASKS_ABOVE:
            self._run(chosen)
            return
        question = f"Run the probes of {len(chosen)} entries?"
        answers = [Row("", (Piece("n  no"),)), Row("yes", (Piece("y  yes"),))]
        letters = {"y": "yes", "n": ""}
        self.app.push_screen(
            Choice(question, answers, letters=letters, bar=self.state.symbols.bar),
            lambda answer: self._run(chosen) if answer else None,
        )

    def _run(self, entries: Sequence[Entry]) -> None:
        catalogue = self.state.catalogue
        wanted = [probe for entry in entries for probe in catalogue.probes_of(entry)]
        self.runner.start(self.state.examination(catalogue.with_needs(wanted)), self.state.record)
        self.repaint()

    @on(Progressed)
    @on(Ended)
    def show_progress(self, message: Progressed | Ended) -> None:
        """A run went on."""
        if not self.runner.take(message) or not self.runner.underway:
            return
        if isinstance(message, Ended):
            self.state.ended(self.runner.underway.report)
        self.repaint()
        self.show_keys()

    @on(Rows.Highlighted)
    def show_entry(self) -> None:
        """Another entry is highlighted."""
        self._preview()

    @on(Input.Changed, "#filter")
    def apply_filter(self, event: Input.Changed) -> None:
        """The list follows each key."""
        self.filter = read_filter(event.value)
        self.repaint()
        self.query_one(Rows).move_to(0)

    @on(Input.Submitted, "#filter")
    def leave_filter(self) -> None:
        """Enter gives the keys back to the list."""
        self.set_focus(self.query_one(Rows))

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """The filter is there while it is typed into or set."""
        self.repaint()

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        super().on_resize()
        self.repaint()


WIDE = 100
"""Columns from which there are two panes; the style sheets say the same."""
