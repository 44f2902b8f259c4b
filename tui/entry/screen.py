"""The screen of one entry, with its commands filled in for the target."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kb.rendering.sections import sections
from tui.entry.lines import diagnosis_lines, entry_lines
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, BaseScreen
from tui.shared.messages import EntryChosen
from tui.shared.placeholders import options_of, values_of
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class EntryScreen(BaseScreen):
    """The text of an entry. Its actions open Triage with this entry as the only candidate."""

    CSS = "EntryScreen #page { height: 1fr; }"
    NAME = "entry"
    HEADING = "ENTRY"
    BINDINGS: ClassVar[list[BindingType]] = bindings("entry")

    def __init__(self, entry: str) -> None:
        super().__init__()
        self.entry = entry

    def body(self) -> ComposeResult:
        """Yield a title and the text."""
        yield Bar(fill=self.state.symbols.rule, id="title")
        yield Pane(id="page")

    def on_mount(self) -> None:
        """Focus the text."""
        self.set_focus(self.query_one(Pane))

    @property
    def current_entry(self) -> str:
        """The id of the entry."""
        return self.entry

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        reasons = dict.fromkeys(("cancel", "cancel_all"), "probes run in Triage")
        if self.state.target is None:
            reasons |= dict.fromkeys(("run_one", "verify"), NO_TARGET)
        if not self.state.reports:
            reasons["app.export"] = "nothing has been run yet"
        return reasons

    def repaint(self) -> None:
        """Show the last diagnosis of the entry, then its text."""
        entry = self.state.catalogue.entries[self.entry]
        _, diagnosis, _ = self.state.last_result(entry)
        target = self.state.target
        options = options_of(target, self.state.kb_option)
        parts = sections(entry, values_of(target), diagnosis.finding if diagnosis else "", options)
        head = [*diagnosis_lines(diagnosis, self.state.symbols), Line()] if diagnosis else []
        self.query_one("#title", Bar).show([Piece(self.entry, "strong")], "esc back · r run · v verify")
        self.query_one(Pane).show([*head, *entry_lines(entry, parts)], self.entry)
        self.show_status()

    def action_back(self) -> None:
        """Go back to the screen below."""
        self.dismiss(None)

    def action_run_one(self) -> None:
        """Run the probes of the entry in Triage."""
        self.post_message(EntryChosen(self.entry, run=True))

    def action_verify(self) -> None:
        """Verify the entry in Triage."""
        self.post_message(EntryChosen(self.entry, verify=True))

    def action_fix(self) -> None:
        """Open Triage with the entry."""
        self.post_message(EntryChosen(self.entry))
