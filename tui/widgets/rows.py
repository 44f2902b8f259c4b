"""A list of any length that paints only the rows on the screen, each with a cursor bar, symbol and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from diagnostics.terminal import Role
from tui.keys import moves
from tui.style.safe_text import segment
from tui.widgets.bar import Piece, fitted

ROLES: Final[tuple[Role, ...]] = ("good", "bad", "warn", "dim", "strong")
NARROWEST: Final = 8
"""Columns that a flexible piece keeps before others are cut."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it is, and how it reads from left to right."""

    key: str
    pieces: tuple[Piece, ...]
    heading: bool = False
    """Whether it only names the rows below it; the cursor passes it by."""


class Rows(ScrollView, can_focus=True):
    """The list. The cursor stays on its row when rows change around it."""

    BINDINGS: ClassVar[list[BindingType]] = moves()
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"rows--{role}" for role in ROLES), "rows--plain", "rows--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    Rows {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        &> .rows--good { color: $good; }
        &> .rows--bad { color: $bad; text-style: bold; }
        &> .rows--warn { color: $warn; }
        &> .rows--dim { color: $dim; }
        &> .rows--strong { text-style: bold; }
        &> .rows--cursor { background: $panel; }
    }
    """

    class Highlighted(Message):
        """The cursor is on another row; `key` is empty in an empty list."""

        def __init__(self, rows: "Rows", key: str) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> "Rows":
            """The list."""
            return self.rows

    def __init__(self, *, bar: str = "▌", id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._bar = bar
        self.rows: tuple[Row, ...] = ()
        self.cursor = 0

    @property
    def key(self) -> str:
        """What the cursor is on; empty in an empty list."""
        return self.rows[self.cursor].key if self.rows else ""

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows; those that are as they were are not painted again."""
        before, key = self.rows, self.key
        self.rows = tuple(rows)
        places = {row.key: place for place, row in enumerate(self.rows)}
        self.cursor = places.get(key, min(self.cursor, max(0, len(rows) - 1)))
        if len(before) == len(self.rows):
            for place, (old, new) in enumerate(zip(before, self.rows, strict=True)):
                if old != new:
                    self.refresh_row(place)
        else:
            self.virtual_size = Size(0, len(self.rows))
            self.refresh()
        self.cursor = self._beside_heading(self.cursor)
        if self.key != key:
            self._moved()

    def _beside_heading(self, place: int) -> int:
        """The place itself; of a heading the nearest row that is none, further in the way of the move."""
        further = range(place, len(self.rows))
        back = range(min(place, len(self.rows) - 1), -1, -1)
        ways = (*back, *further) if place < self.cursor else (*further, *back)
        return next((one for one in ways if not self.rows[one].heading), place)

    def refresh_row(self, place: int) -> None:
        """Paint one row again."""
        self.refresh_line(place)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        place, width = y + round(self.scroll_y), self.scrollable_content_region.width
        if not 0 <= place < len(self.rows):
            return Strip.blank(width, self.rich_style)
        here = place == self.cursor
        base = self.rich_style
        if here and self.has_focus:
            base += self.get_component_rich_style("rows--cursor", partial=True)
        lead = segment(self._bar if here else " ", base + self._style("good"))
        painted = self._painted(self.rows[place].pieces, width - 1, base, here=here)
        return Strip([lead, *painted]).adjust_cell_length(width, base)

    def _painted(self, pieces: Sequence[Piece], width: int, base: Style, *, here: bool) -> list[Segment]:
        fixed = sum(piece.width or cell_len(piece.text) for piece in pieces if piece.width >= 0)
        rest = max(NARROWEST, width - fixed)
        painted = []
        for piece in pieces:
            columns = rest if piece.width < 0 else piece.width or cell_len(piece.text)
            style = self._style("strong" if here and piece.width < 0 and not piece.role else piece.role)
            painted.append(segment(fitted(piece.text, columns), base + style))
        return painted

    def _style(self, role: Role | None) -> Style:
        return self.get_component_rich_style(f"rows--{role or 'plain'}", partial=True)

    def action_cursor_down(self) -> None:
        """Go one row down."""
        self.move_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        """Go one row up."""
        self.move_to(self.cursor - 1)

    def action_page_down(self) -> None:
        """Go half a page down."""
        self.move_to(self.cursor + max(1, self.size.height // 2))

    def action_page_up(self) -> None:
        """Go half a page up."""
        self.move_to(self.cursor - max(1, self.size.height // 2))

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(len(self.rows) - 1)

    def move_to(self, place: int) -> None:
        """Put the cursor on a row, and the row on the screen."""
        place = max(0, min(place, len(self.rows) - 1))
        place = self._beside_heading(place)
        if place == self.cursor:
            return
        before, self.cursor = self.cursor, place
        self.refresh_row(before)
        self.refresh_row(place)
        self._moved()

    def _moved(self) -> None:
        self._keep_in_sight()
        self.post_message(self.Highlighted(self, self.key))

    def _keep_in_sight(self) -> None:
        top, height = round(self.scroll_y), max(1, self.size.height)
        first = self.cursor
        while first and self.rows[first - 1].heading:
            first -= 1
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._keep_in_sight()

    def on_focus(self) -> None:
        """The cursor's row looks different with the focus."""
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        """And without it."""
        self.refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """A click is a move, a second one opens."""
        self.move_to(event.y + round(self.scroll_y))
