"""A scrollable text, wrapped to the width of its pane."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from diagnostics.terminal import Role
from kb.text.sanitize import strip_controls
from kb.text.wrapping import MIN_COLUMNS, wrap, wrap_lines, wrap_verbatim
from tui.keys import list_bindings
from tui.style.safe_text import ROLES, segment
from tui.widgets.quiet_focus import QuietFocus

Shape = Literal["prose", "code", "command", "list"]

MAX_WRAPPED_CHARS: Final = 4000
"""Longer lines of code are cut at any character, not between words."""


class Line(NamedTuple):
    """A line of text before wrapping."""

    text: str = ""
    role: Role | None = None
    indent: str = " "
    shape: Shape = "prose"
    """`code` keeps all spaces, `command` is not wrapped either, `list` keeps its line breaks."""
    hang: int = 0
    """Further indent of all wrapped lines but the first, in columns."""


class WrappedLine(NamedTuple):
    """A line after wrapping, as it is painted."""

    text: str
    role: Role | None
    width: int
    """Width in columns."""


class Pane(ScrollView, QuietFocus, can_focus=True):
    """A pane of text. It keeps its scroll position while it shows the same subject.

    Text is wrapped to the width of the pane when a line is painted, whatever was laid out before. Commands
    are not: the pane scrolls to their end.
    """

    BINDINGS: ClassVar[list[BindingType]] = list_bindings()
    COMPONENT_CLASSES: ClassVar[set[str]] = {*(f"pane--{role}" for role in ROLES), "pane--plain"}
    DEFAULT_CSS = """
    Pane {
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        scrollbar-size-horizontal: 1;
        &> .pane--good { color: $good; }
        &> .pane--bad { color: $bad; text-style: bold; }
        &> .pane--warn { color: $warn; }
        &> .pane--dim { color: $dim; }
        &> .pane--strong { text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._subject = ""
        self._wrapped: tuple[int, list[WrappedLine]] = (0, [])
        """The lines wrapped to a width."""

    @property
    def text(self) -> str:
        """The whole text, wrapped."""
        return "\n".join(line.text for line in self._lines_for(self.room))

    @property
    def room(self) -> int:
        """The width of the text in columns."""
        return max(MIN_COLUMNS, self.scrollable_content_region.width)

    def show(self, lines: Sequence[Line], subject: str = "") -> None:
        """Show lines; scroll to the top if the subject has changed."""
        if subject != self._subject:
            self._subject = subject
            self.scroll_home(animate=False)
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._wrapped = (0, [])
            self._fit()

    def on_resize(self) -> None:
        """Wrap the text to the new width."""
        self._fit()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Return the number of lines in a width."""
        return len(self._lines_for(max(MIN_COLUMNS, width)))

    def _fit(self) -> None:
        lines = self._lines_for(self.room)
        self.virtual_size = Size(max((line.width for line in lines), default=0), len(lines))
        self.refresh()

    def _lines_for(self, width: int) -> list[WrappedLine]:
        if self._wrapped[0] != width:
            parts = ((part, line.role) for line in self._lines for part in _wrap(line, width))
            self._wrapped = width, [_wrapped_line(*part) for part in parts]
        return self._wrapped[1]

    def render_line(self, y: int) -> Strip:
        """Return a visible line of the text."""
        left, top = self.scroll_offset
        index, width = y + top, self.scrollable_content_region.width
        lines = self._lines_for(self.room)
        base = self.rich_style
        if not 0 <= index < len(lines):
            return Strip.blank(width, base)
        line = lines[index]
        style = base + self.get_component_rich_style(f"pane--{line.role or 'plain'}", partial=True)
        strip = Strip([segment(line.text, style, whole=True)])
        if (span := self._selected(index, line.text)) is not None:
            strip = self._with_selection(line.text, style, *span)
        return strip.crop_extend(left, left + width, base).apply_offsets(left, index)

    def _selected(self, index: int, text: str) -> tuple[int, int] | None:
        """Return the first and the last selected character of a line, the latter excluded."""
        selection = self.text_selection
        span = selection.get_span(index) if selection else None
        if span is None:
            return None
        start, end = span
        return start, len(text) if end == -1 else end

    def _with_selection(self, text: str, style: Style, start: int, end: int) -> Strip:
        selected = style + self.screen.get_component_rich_style("screen--selection")
        parts = ((text[:start], style), (text[start:end], selected), (text[end:], style))
        return Strip([segment(part, own, whole=True) for part, own in parts if part])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, for a copy."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002  Textual's signature
        """Paint the selection."""
        self.refresh()

    def action_cursor_down(self) -> None:
        """Scroll down one line."""
        self.scroll_relative(y=1, animate=False)

    def action_cursor_up(self) -> None:
        """Scroll up one line."""
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        """Scroll down half a page."""
        self.scroll_relative(y=max(1, self.size.height // 2), animate=False)

    def action_page_up(self) -> None:
        """Scroll up half a page."""
        self.scroll_relative(y=-max(1, self.size.height // 2), animate=False)

    def action_first(self) -> None:
        """Scroll to the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.scroll_end(animate=False)


def _wrapped_line(text: str, role: Role | None) -> WrappedLine:
    """Return a line without control characters."""
    clean = " ".join(strip_controls(text).splitlines())
    return WrappedLine(clean, role, cell_len(clean))


def _wrap_code(text: str, room: int) -> list[str]:
    """Return parts whose concatenation is the text, broken between words if possible."""
    if len(text) <= room:
        return [text]
    if len(text) > MAX_WRAPPED_CHARS:
        return [text[start : start + room] for start in range(0, len(text), room)]
    return wrap_verbatim(text, room)


def _wrap(line: Line, width: int) -> Iterator[str]:
    room = max(MIN_COLUMNS, width - len(line.indent))
    if line.shape == "list":
        yield from wrap_lines(line.text, width, line.indent)
        return
    if line.shape == "command":
        yield f"{line.indent}{line.text}"
        return
    if line.shape == "code":
        parts = _wrap_code(line.text, room)
    else:
        parts = wrap(line.text, room, hanging=" " * line.hang)
    yield from (f"{line.indent}{part}" for part in parts or [""])
