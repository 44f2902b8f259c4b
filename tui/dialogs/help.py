"""The help: the keys of a screen, with the reasons why some are disabled."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui.dialogs.paste import PasteLeaves
from tui.keys import INTERRUPT, MOVES, actions_of
from tui.shared.quiet_end import QuietEnd
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane


class Help(QuietEnd, PasteLeaves, inherit_bindings=False):
    """The list of keys of one screen."""

    CSS_PATH = "choice.tcss"
    AUTO_FOCUS = "#keys_text"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "leave", "Leave")]

    def __init__(self, screen_name: str, disabled_reason: Callable[[str], str]) -> None:
        super().__init__()
        self._screen_name, self._disabled_reason = screen_name, disabled_reason

    def compose(self) -> ComposeResult:
        """Yield title, list and key hint."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            yield Pane(id="keys_text")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Show the keys."""
        self.query_one("#title", Bar).show([Piece(f"Keys of {self._screen_name}", "strong")])
        self.query_one("#hint", Bar).show([Piece(" j k scroll · esc leaves", "dim")])
        self.query_one(Pane).show(list(self._lines()))

    def _lines(self) -> list[Line]:
        lines = []
        for action in (*actions_of(self._screen_name), INTERRUPT, *MOVES):
            lines.append(Line(f"{action.key_names.ljust(14)} {action.help}", hang=15))
            if reason := self._disabled_reason(action.id):
                lines.append(Line(f"not now: {reason}", "dim", " " * 16))
        return lines

    def action_leave(self) -> None:
        """Close the help."""
        self.dismiss("")
