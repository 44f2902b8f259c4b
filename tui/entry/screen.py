"""One entry, whole, with its commands for the chosen target."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kb.rendering.sections import sections
from tui.entry.lines import diagnosis_lines, entry_lines
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, BaseScreen, Handlers
from tui.shared.messages import EntryChosen
from tui.shared.placeholders import options_of, values_of
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class EntryScreen(BaseScreen):
    """The page. Its keys that run something go to Triage with this entry as the candidate."""

    CSS = "EntryScreen #page { height: 1fr; }"
    WHERE = "entry"
    TITLE_WORD = "ENTRY"
    BINDINGS: ClassVar[list[BindingType]] = bindings("entry")

    def __init__(self, entry: str) -> None:
        super().__init__()
        self.entry = entry

    def body(self) -> ComposeResult:
        """A title and the text."""
        yield Bar(fill=self.state.symbols.rule, id="title")
        yield Pane(id="page")

    def on_mount(self) -> None:
        """The text has the keys."""
        super().on_mount()
        self.set_focus(self.query_one(Pane))

    @property
    def own_entry(self) -> str:
        """The entry of the page."""
        return self.entry

    def handlers(self) -> Handlers:
        """What the page does itself."""
        return {
            "back": lambda: self.dismiss(None),
            "run.one": lambda: self.post_message(EntryChosen(self.entry, run=True)),
            "verify": lambda: self.post_message(EntryChosen(self.entry, verify=True)),
            "fix": lambda: self.post_message(EntryChosen(self.entry)),
        }

    def refusals(self) -> dict[str, str]:
        """Why keys are dead."""
        nothing = "nothing runs here; Triage does that"
        why = dict.fromkeys(("run.cancel", "run.cancel_all"), nothing)
        if self.state.target is None:
            why |= dict.fromkeys(("run.one", "verify"), NO_TARGET)
        if not self.state.reports:
            why["export"] = "nothing was run yet"
        return why

    def repaint(self) -> None:
        """The last diagnosis, then the record."""
        entry = self.state.catalogue.entries[self.entry]
        _, diagnosis, _ = self.state.last(entry)
        target = self.state.target
        parts = sections(entry, values_of(target), diagnosis.finding if diagnosis else "", options_of(target))
        now = [*diagnosis_lines(diagnosis, self.state.symbols), Line()] if diagnosis else []
        self.query_one("#title", Bar).show([Piece(self.entry, "strong")], "esc back · r run · v verify")
        self.query_one(Pane).show([*now, *entry_lines(entry, parts)], self.entry)
        self.status()
