"""A scrollable text, wrapped to the width of its pane."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from diagnostics.terminal import Role
from kb.text.wrapping import MIN_COLUMNS, wrap, wrap_lines, wrap_verbatim
from tui.keys import list_bindings
from tui.style.safe_text import safe, stacked

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


class Pane(VerticalScroll, can_focus=True):
    """A pane of text. It keeps its scroll position while it shows the same subject.

    Text is wrapped to the width of the pane. Commands are not: the pane scrolls to their end.
    """

    BINDINGS: ClassVar[list[BindingType]] = list_bindings()
    DEFAULT_CSS = """
    Pane { scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Pane { scrollbar-size-horizontal: 1; overflow-x: auto; }
    Pane > Static { width: auto; min-width: 100%; height: auto; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._subject = ""

    def compose(self) -> ComposeResult:
        """Yield the widget that holds the text."""
        yield Static()

    @property
    def text(self) -> str:
        """The whole text, wrapped."""
        return _content(self._lines, self.room).plain

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
            self._fill()

    def on_resize(self) -> None:
        """Wrap the text to the new width."""
        self._fill()

    def _fill(self) -> None:
        self.query_one(Static).update(_content(self._lines, self.room))

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


def _content(lines: Sequence[Line], width: int) -> Content:
    return stacked(safe(part, line.role, whole=True) for line in lines for part in _wrap(line, width))


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
