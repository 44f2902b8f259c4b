"""The help: what each key does on the screen below, and why some do nothing now."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import INTERRUPT, MOVES, actions_of
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class Help(ModalScreen[None], inherit_bindings=False):
    """A list that is read and left."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "leave", "Leave")]

    def __init__(self, where: str, refusal: Callable[[str], str]) -> None:
        super().__init__()
        self._where, self._refusal = where, refusal

    def compose(self) -> ComposeResult:
        """A title, the list, how to leave."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            yield Pane(id="keys_text")
            yield Bar(id="how")

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one("#title", Bar).show([Piece(f"Keys of {self._where}", "strong")])
        self.query_one("#how", Bar).show([Piece(" j k scroll · esc leaves", "dim")])
        pane = self.query_one(Pane)
        pane.show(list(self._lines()))
        self.set_focus(pane)

    def _lines(self) -> list[Line]:
        lines = []
        for action in (*actions_of(self._where), INTERRUPT, *MOVES):
            lines.append(Line(f"{action.shown_keys.ljust(14)} {action.help}", hang=15))
            if reason := self._refusal(action.id):
                lines.append(Line(f"not now: {reason}", "dim", " " * 16))
        return lines

    def action_leave(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)
