"""A list of any length that paints only its visible rows.

Textual's own list widgets cost a widget or a layout for each row.
"""

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
from tui.keys import list_bindings
from tui.style.safe_text import ROLES, segment
from tui.widgets.bar import Piece, fitted
from tui.widgets.quiet_focus import QuietFocus

DOUBLE_CLICK: Final = 2
MIN_FLEXIBLE_COLUMNS: Final = 8
"""Width that a flexible piece keeps before others are cut."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its key, and its pieces from left to right."""

    key: str
    pieces: tuple[Piece, ...]
    heading: bool = False
    """True for the title of a group of rows; the cursor skips it."""


class Rows(ScrollView, QuietFocus, can_focus=True):
    """A list. The cursor stays on its row when other rows change."""

    BINDINGS: ClassVar[list[BindingType]] = list_bindings()
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
        """The cursor has moved to another row; `key` is empty in an empty list."""

        def __init__(self, rows: "Rows", key: str) -> None:
            super().__init__()
            self.rows, self.key = rows, key

        @property
        def control(self) -> "Rows":
            """The list."""
            return self.rows

    class Opened(Message):
        """A row was clicked twice; the cursor is on it."""

        def __init__(self, rows: "Rows") -> None:
            super().__init__()
            self.rows = rows

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
        """The key of the row under the cursor; empty in an empty list."""
        return self.rows[self.cursor].key if self.rows else ""

    def show(self, rows: Sequence[Row]) -> None:
        """Show rows; repaint only those that have changed."""
        before, key = self.rows, self.key
        self.rows = tuple(rows)
        indexes = {row.key: index for index, row in enumerate(self.rows)}
        self.cursor = indexes.get(key, min(self.cursor, max(0, len(rows) - 1)))
        if len(before) == len(self.rows):
            for index, (old, new) in enumerate(zip(before, self.rows, strict=True)):
                if old != new:
                    self.refresh_row(index)
        else:
            self.virtual_size = Size(0, len(self.rows))
            self.refresh()
        self.cursor = self._skip_heading(self.cursor)
        if self.key != key:
            self._cursor_moved()

    def _skip_heading(self, index: int) -> int:
        """Return the index; for a heading, that of the nearest other row in the direction of the cursor."""
        below = range(index, len(self.rows))
        above = range(min(index, len(self.rows) - 1), -1, -1)
        order = (*above, *below) if index < self.cursor else (*below, *above)
        return next((other for other in order if not self.rows[other].heading), index)

    def refresh_row(self, index: int) -> None:
        """Repaint a row."""
        self.refresh_line(index)

    def render_line(self, y: int) -> Strip:
        """Return a visible line of the list."""
        index, width = y + round(self.scroll_y), self.scrollable_content_region.width
        if not 0 <= index < len(self.rows):
            return Strip.blank(width, self.rich_style)
        highlighted = index == self.cursor
        base = self.rich_style
        if highlighted and self.has_focus:
            base += self.get_component_rich_style("rows--cursor", partial=True)
        bar = segment(self._bar if highlighted else " ", base + self._style("good"))
        segments = self._segments(self.rows[index].pieces, width - 1, base, highlighted=highlighted)
        return Strip([bar, *segments]).adjust_cell_length(width, base)

    def _segments(
        self, pieces: Sequence[Piece], width: int, base: Style, *, highlighted: bool
    ) -> list[Segment]:
        fixed = sum(piece.width or cell_len(piece.text) for piece in pieces if piece.width >= 0)
        remaining = max(MIN_FLEXIBLE_COLUMNS, width - fixed)
        segments = []
        for piece in pieces:
            columns = remaining if piece.width < 0 else piece.width or cell_len(piece.text)
            emphasized = highlighted and piece.width < 0 and not piece.role
            style = self._style("strong" if emphasized else piece.role)
            segments.append(segment(fitted(piece.text, columns), base + style))
        return segments

    def _style(self, role: Role | None) -> Style:
        return self.get_component_rich_style(f"rows--{role or 'plain'}", partial=True)

    def action_cursor_down(self) -> None:
        """Move down one row."""
        self.move_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        """Move up one row."""
        self.move_to(self.cursor - 1)

    def action_page_down(self) -> None:
        """Move down half a page."""
        self.move_to(self.cursor + max(1, self.size.height // 2))

    def action_page_up(self) -> None:
        """Move up half a page."""
        self.move_to(self.cursor - max(1, self.size.height // 2))

    def action_first(self) -> None:
        """Move to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Move to the last row."""
        self.move_to(len(self.rows) - 1)

    def move_to(self, index: int) -> None:
        """Move the cursor to a row, and scroll to it."""
        index = self._skip_heading(max(0, min(index, len(self.rows) - 1)))
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        self.refresh_row(before)
        self.refresh_row(index)
        self._cursor_moved()

    def _cursor_moved(self) -> None:
        self._scroll_to_cursor()
        self.post_message(self.Highlighted(self, self.key))

    def _scroll_to_cursor(self) -> None:
        top, height = round(self.scroll_y), max(1, self.size.height)
        first = self.cursor
        while first and self.rows[first - 1].heading:
            first -= 1
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        self._scroll_to_cursor()

    def paint_focus(self) -> None:
        """Repaint the row under the cursor, which is coloured with the focus."""
        self.refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a double click does what enter does."""
        index = event.y + round(self.scroll_y)
        if not 0 <= index < len(self.rows) or self.rows[index].heading:
            return
        self.move_to(index)
        if event.chain == DOUBLE_CLICK:
            self.post_message(self.Opened(self))
