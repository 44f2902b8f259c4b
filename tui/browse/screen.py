"""Browse: the list of known errors, filtered while the user types, and a preview."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input

from diagnostics.report.model import Report
from kb.records.models import Entry
from tui.browse.lines import entry_row, preview_lines
from tui.dialogs.choice import Choice
from tui.dialogs.text_input import LineInput
from tui.entry.screen import EntryScreen
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, BaseScreen
from tui.shared.messages import RunEnded, RunProgressed
from tui.shared.probe_runner import ProbeRunner
from tui.shared.text_filter import Filter, parse_filter, searchable_text
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows

MAX_UNCONFIRMED_ENTRIES = 20
"""Entries whose probes `R` runs without a question."""
STATE_ORDER = {"confirmed": 0, "suspected": 1, "fixed": 2}
"""Place of an entry in the list by its state."""
WIDE_COLUMNS = 130
"""Width from which the two panes are side by side, as in the style sheets."""


class Browse(BaseScreen):
    """The list of entries. Its state: the filter, the marked entries, and the current run."""

    CSS_PATH = "screen.tcss"
    NAME = "browse"
    HEADING = "BROWSE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("browse")

    def __init__(self) -> None:
        super().__init__()
        self.filter = Filter()
        self.marked: set[str] = set()
        self.runner = ProbeRunner(self.post_message)
        self._searchable: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """Yield the panes of list and preview."""
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="list_title")
                yield LineInput(id="filter", placeholder="words, !word, layer:, state:, severity:")
                yield Rows(bar=self.state.symbols.bar, id="entries")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="preview_title")
                yield Pane(id="preview")

    def on_mount(self) -> None:
        """Focus the list."""
        entries = self.state.catalogue.entries.values()
        self._searchable = {entry.id: searchable_text(entry) for entry in entries}
        self.set_focus(self.query_one(Rows))

    @property
    def entry(self) -> Entry | None:
        """The highlighted entry."""
        return self.state.catalogue.entries.get(self.query_one(Rows).key)

    @property
    def current_entry(self) -> str:
        """The id of the highlighted entry."""
        return self.query_one(Rows).key

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        reasons: dict[str, str] = {}
        if self.entry is None:
            on_entry = ("open", "mark", "run_one", "run_all", "app.copy", "app.open_page")
            reasons |= dict.fromkeys(on_entry, "no entry is shown")
        if self.state.target is None:
            reasons |= dict.fromkeys(("run_one", "run_all"), NO_TARGET)
        if not self.runner.busy:
            reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
        return reasons

    def filtered_entries(self) -> list[Entry]:
        """Return the entries that pass the filter, without retired ones.

        Confirmed ones are first, then matches in id or title.
        """
        passing = [
            entry
            for entry in self.state.catalogue.entries.values()
            if not entry.retired
            and self.filter.accepts(
                self._searchable[entry.id],
                {"layer": entry.layer, "severity": entry.severity, "state": self.state.last_result(entry)[0]},
            )
        ]
        return sorted(
            passing,
            key=lambda entry: (
                STATE_ORDER.get(self.state.last_result(entry)[0], len(STATE_ORDER)),
                not self.filter.matches_name(f"{entry.id} {entry.title}".lower()),
            ),
        )

    def repaint(self) -> None:
        """Show list, titles and preview."""
        entries = self.filtered_entries()
        wide = self.app.size.width >= WIDE_COLUMNS
        rows = [
            entry_row(
                entry, self.state.symbols, self._state_of(entry), marked=entry.id in self.marked, wide=wide
            )
            for entry in entries
        ]
        self.query_one(Rows).show(rows)
        typed = self.query_one("#filter", Input).value
        title = [Piece(f"filter: {typed}" if typed else "known errors", "strong")]
        self.query_one("#list_title", Bar).show(title, f"{len(entries)} of {len(self._searchable)}")
        self.query_one("#filter").display = bool(typed) or self.query_one("#filter").has_focus
        self.show_status(self.runner.progress_text)
        self._show_preview()

    def _state_of(self, entry: Entry) -> str:
        probes_in_run = {key.probe for key in self.runner.keys_in_run}
        if probes_in_run and probes_in_run & set(self.state.catalogue.probes_of(entry)):
            return "running"
        return self.state.last_result(entry)[0]

    def _show_preview(self) -> None:
        entry = self.entry
        title = entry.id if entry else "nothing"
        hint = self.pane_hint("enter opens · z zooms")
        self.query_one("#preview_title", Bar).show([Piece(title, "strong")], hint)
        no_entry = [Line("No known error passes the filter. esc clears it.")]
        self.query_one("#preview", Pane).show(preview_lines(entry, self.state) if entry else no_entry, title)

    def action_open(self) -> None:
        """Open the highlighted entry."""
        if self.entry:
            self.app.push_screen(EntryScreen(self.entry.id))

    def action_filter(self) -> None:
        """Focus the filter."""
        line = self.query_one("#filter", Input)
        line.display = True
        self.set_focus(line)

    def action_back(self) -> None:
        """Show all panes again if one is enlarged; else clear the filter."""
        if self.end_zoom():
            return
        self.query_one("#filter", Input).value = ""
        self.set_focus(self.query_one(Rows))

    def action_mark(self) -> None:
        """Mark or unmark the highlighted entry, and move to the next one."""
        rows = self.query_one(Rows)
        self.marked ^= {rows.key}
        self.repaint()
        rows.action_cursor_down()

    def action_run_one(self) -> None:
        """Run the probes of the highlighted entry."""
        if self.entry:
            self._run([self.entry])

    def action_run_all(self) -> None:
        """Run the probes of the marked entries, else of all in the list; ask first if they are many."""
        entries = self.filtered_entries()
        entries = [entry for entry in entries if entry.id in self.marked] or entries
        if len(entries) <= MAX_UNCONFIRMED_ENTRIES:
            self._run(entries)
            return
        question = f"Run the probes of {len(entries)} entries?"
        answers = [Row("", (Piece("n  no"),)), Row("yes", (Piece("y  yes"),))]
        letters = {"y": "yes", "n": ""}
        self.app.push_screen(
            Choice(question, answers, letters=letters, bar=self.state.symbols.bar),
            lambda answer: self._run(entries) if answer else None,
        )

    def action_cancel(self) -> None:
        """Cancel the run."""
        self.runner.cancel()

    def action_cancel_all(self) -> None:
        """Cancel the run."""
        self.runner.cancel()

    def _run(self, entries: Sequence[Entry]) -> None:
        catalogue = self.state.catalogue
        probes = [probe for entry in entries for probe in catalogue.probes_of(entry)]
        self.runner.start(self.state.examination(catalogue.with_needs(probes)), self.state.recorder)
        self.repaint()

    @on(RunProgressed)
    @on(RunEnded)
    def show_progress(self, message: RunProgressed | RunEnded) -> None:
        """Show the progress of the current run, and keep its report at the end."""
        if not self.runner.accept(message) or not self.runner.current:
            return
        if isinstance(message, RunEnded):
            report = self.runner.current.report
            self.state.add_report(report)
            self.repaint()
            self._show_outcome(report)
        self.repaint()
        self.show_keys()

    def _show_outcome(self, report: Report) -> None:
        """Say what a run has found, and move the cursor to the first confirmed entry."""
        listed = [entry.id for entry in self.filtered_entries()]
        confirmed = [item.entry for item in report.diagnoses if item.verdict == "confirmed"]
        if not confirmed:
            self.show_message(f"{len(report.results)} results: no known error is confirmed", "good")
            return
        names = ", ".join(dict.fromkeys(confirmed))
        self.show_message(f"{len(set(confirmed))} confirmed: {names}; enter opens it", "bad")
        first = next((entry for entry in listed if entry in confirmed), None)
        if first and self.query_one(Rows).key not in confirmed:
            self.query_one(Rows).move_to(listed.index(first))

    @on(Rows.Highlighted)
    def show_entry(self) -> None:
        """Show the preview of the highlighted entry."""
        self._show_preview()

    @on(Input.Changed, "#filter")
    def apply_filter(self, event: Input.Changed) -> None:
        """Filter the list by the typed text."""
        self.filter = parse_filter(event.value)
        self.repaint()
        self.query_one(Rows).move_to(0)

    @on(Input.Submitted, "#filter")
    def leave_filter(self) -> None:
        """Focus the list again."""
        self.set_focus(self.query_one(Rows))

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Show the filter while it is focused or not empty."""
        self.repaint()

    def on_resize(self) -> None:
        """Show columns as the new width allows."""
        self.repaint()
