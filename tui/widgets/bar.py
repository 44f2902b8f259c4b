"""One line across the screen: the status, a title rule, the keys."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

from diagnostics.terminal import Role
from tui.style.safe_text import safe

HEAVY: Final = {"─": "━", "-": "="}
"""The rule of the pane that has the keys: a shape, for those who see no colour."""


class Piece(NamedTuple):
    """A part of a line: its text, its role, and its width in columns; 0 is its own, -1 what is left."""

    text: str
    role: Role | None = None
    width: int = 0


class Bar(Widget):
    """A line with something at its left and something at its right, filled between."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, fill: str = " ", id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._fill = fill
        self._left: tuple[Piece, ...] = ()
        self._right = ""
        self._marked = False

    @property
    def text(self) -> str:
        """The whole line as text."""
        return self.render().plain

    def show(self, left: Sequence[Piece], right: str = "") -> None:
        """Show this, if it is not shown already: what does not change costs no byte."""
        if (tuple(left), right) != (self._left, self._right):
            self._left, self._right = tuple(left), right
            self.refresh()

    def mark(self, *, marked: bool) -> None:
        """Say whether the keys go to what stands below this title."""
        if marked != self._marked:
            self._marked = marked
            self.refresh()

    def render(self) -> Content:
        """The line in the present width; the right part goes first where there is no room."""
        width = self.size.width
        rule = self._fill != " "
        fill = HEAVY.get(self._fill, self._fill) if self._marked else self._fill
        left = [Piece(fill * 2 + " ", "dim"), *self._left, Piece(" ")] if rule else list(self._left)
        right = f" {self._right} {fill * 2}" if rule and self._right else self._right
        used = sum(cell_len(piece.text) for piece in left)
        if used + cell_len(right) > width:
            right = ""
        gap = fill * max(0, width - used - cell_len(right))
        line = Content("").join(safe(piece.text, piece.role) for piece in left)
        return (line + safe(gap, "dim" if rule else None) + safe(right, "dim")).truncate(width, ellipsis=True)


def fitted(text: str, width: int) -> str:
    """A text in exactly so many columns; what is cut ends in an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…" * min(1, width)
