"""A line across the screen: status, title of a pane, keys."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from diagnostics.terminal import Role
from tui.style.safe_text import safe

HEAVY: Final = {"─": "━", "-": "="}
"""Title rules of the focused pane. The shape differs, not only the colour."""


class Piece(NamedTuple):
    """A part of a line: text, role, and width in columns (0: that of the text, -1: all that is left)."""

    text: str
    role: Role | None = None
    width: int = 0
    action: str = ""
    """The action that a click on it stands for; empty without one."""


class Bar(Widget):
    """A line with pieces at its left end and a text at its right end."""

    DEFAULT_CSS = "Bar { height: 1; }"

    class Clicked(Message):
        """A piece that stands for an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, fill: str = " ", id: str | None = None, keeps_right: bool = False) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._fill = fill
        self._keeps_right = keeps_right
        """True if the left end is cut where both do not fit, else the text at the right end is left out."""
        self._left: tuple[Piece, ...] = ()
        self._right = ""
        self._marked = False

    @property
    def text(self) -> str:
        """The line as text."""
        return self.render().plain

    def show(self, left: Sequence[Piece], right: str = "") -> None:
        """Show the line; do not repaint one that has not changed, to save bytes over ssh."""
        if (tuple(left), right) != (self._left, self._right):
            self._left, self._right = tuple(left), right
            self.refresh()

    def mark(self, *, marked: bool) -> None:
        """Mark the title of the focused pane."""
        if marked != self._marked:
            self._marked = marked
            self.refresh()

    def render(self) -> Content:
        """Return the line in the current width."""
        width = self.size.width
        rule = self._fill != " "
        fill = HEAVY.get(self._fill, self._fill) if self._marked else self._fill
        left = [Piece(fill * 2 + " ", "dim"), *self._left, Piece(" ")] if rule else list(self._left)
        right = f" {self._right} {fill * 2}" if rule and self._right else self._right
        used = sum(cell_len(piece.text) for piece in left)
        if used + cell_len(right) > width:
            if self._keeps_right and cell_len(right) < width:
                room = width - cell_len(right) - 1
                line = Content("").join(safe(piece.text, piece.role) for piece in left)
                return line.truncate(room, ellipsis=True) + safe(f" {right}", "strong")
            right = ""
        gap = fill * max(0, width - used - cell_len(right))
        line = Content("").join(safe(piece.text, piece.role) for piece in left)
        end = safe(right, "strong" if self._keeps_right else "dim")
        return (line + safe(gap, "dim" if rule else None) + end).truncate(width, ellipsis=True)

    def on_click(self, event: events.Click) -> None:
        """Report the piece under the pointer."""
        column = 0
        for piece in self._left:
            column += cell_len(piece.text)
            if event.x < column:
                if piece.action:
                    self.post_message(self.Clicked(piece.action))
                return


def fitted(text: str, width: int) -> str:
    """Return a text in exactly `width` columns, cut with an ellipsis if it is longer."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…" * min(1, width)
