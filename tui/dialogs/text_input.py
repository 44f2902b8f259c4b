"""A dialog for one line of text: a description of an error, the address of a target."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.shared.quiet_end import QuietEnd
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class LineInput(Input):
    """An input that ignores pastes of several lines; Textual's would insert the first line alone.

    It selects nothing when it gets the focus: the next key would replace what was typed ahead.
    """

    def __init__(self, *, id: str, placeholder: str = "") -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        if len(event.text.strip().splitlines()) > 1:
            event.prevent_default()


class TextInput(QuietEnd, ModalScreen[str], inherit_bindings=False):
    """A question with a typed or pasted answer; the result is empty if it was left."""

    CSS_PATH = "choice.tcss"
    AUTO_FOCUS = "#line"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        """Yield title, explanation and input."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            yield Pane(id="about")
            yield LineInput(id="line")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Show the texts."""
        self.query_one("#title", Bar).show([Piece(self._title, "strong")])
        self.query_one("#about", Pane).show([Line(self._hint, "dim")])
        self.query_one("#hint", Bar).show([Piece(" enter continues · esc leaves", "dim")])

    def on_paste(self, event: events.Paste) -> None:
        """Answer with a paste of several lines."""
        if len(event.text.strip().splitlines()) > 1:
            event.stop()
            self.dismiss(event.text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the typed line."""
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss("")
