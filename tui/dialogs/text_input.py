"""A line to type: an error in one's own words, the address of a target."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class WholePaste(Input):
    """An input that does not keep the first line of a paste and drop the rest."""

    def _on_paste(self, event: events.Paste) -> None:
        if len(event.text.strip().splitlines()) > 1:
            event.prevent_default()


class TextInput(ModalScreen[str], inherit_bindings=False):
    """Answers with what was typed, or with a whole paste; empty where it was left."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        """The question and the line."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            yield Pane(id="about")
            line = WholePaste(id="line", compact=True)
            line.cursor_blink = False
            yield line
            yield Bar(id="how")

    def on_mount(self) -> None:
        """Show it; the keys go to the line."""
        self.query_one("#title", Bar).show([Piece(self._title, "strong")])
        self.query_one("#about", Pane).show([Line(self._hint, "dim")])
        self.query_one("#how", Bar).show([Piece(" enter goes on · esc leaves", "dim")])
        self.set_focus(self.query_one("#line", Input))

    def on_paste(self, event: events.Paste) -> None:
        """Several lines are the answer, whole."""
        if len(event.text.strip().splitlines()) > 1:
            event.stop()
            self.dismiss(event.text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The line is the answer."""
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss("")
