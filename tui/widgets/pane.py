"""Text to read: wrapped to the width of the screen, scrolled by the keys of lists."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from diagnostics.terminal import Role
from kb.text.wrapping import MIN_COLUMNS, wrap, wrap_lines, wrap_verbatim
from tui.keys import moves
from tui.style.safe_text import safe, stacked

Shape = Literal["prose", "code", "list"]

LONGEST: Final = 4000
"""Characters of a line of code beyond which nobody looks for words in it."""


class Line(NamedTuple):
    """A line to read, before it is wrapped."""

    text: str = ""
    role: Role | None = None
    indent: str = " "
    shape: Shape = "prose"
    """`code` keeps every space, `list` keeps the lines that it has."""
    hang: int = 0
    """Columns by which all lines but the first are indented further."""


class Pane(VerticalScroll, can_focus=True):
    """The text. What is shown again stays where it was scrolled to."""

    BINDINGS: ClassVar[list[BindingType]] = moves()
    DEFAULT_CSS = """
    Pane { scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Pane > Static { width: 100%; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._about = ""

    def compose(self) -> ComposeResult:
        """The one child that holds the text."""
        yield Static()

    @property
    def text(self) -> str:
        """All of it, wrapped."""
        return _content(self._lines, self.room).plain

    @property
    def room(self) -> int:
        """Columns for text."""
        return max(MIN_COLUMNS, self.scrollable_content_region.width)

    def show(self, lines: Sequence[Line], about: str = "") -> None:
        """Show these lines; where they are about something else, from their top."""
        if about != self._about:
            self._about = about
            self.scroll_home(animate=False)
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._fill()

    def on_resize(self) -> None:
        """Wrap anew."""
        self._fill()

    def _fill(self) -> None:
        self.query_one(Static).update(_content(self._lines, self.room))

    def action_cursor_down(self) -> None:
        """Go one line down."""
        self.scroll_relative(y=1, animate=False)

    def action_cursor_up(self) -> None:
        """Go one line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        """Go half a page down."""
        self.scroll_relative(y=max(1, self.size.height // 2), animate=False)

    def action_page_up(self) -> None:
        """Go half a page up."""
        self.scroll_relative(y=-max(1, self.size.height // 2), animate=False)

    def action_first(self) -> None:
        """Go to the top."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Go to the end."""
        self.scroll_end(animate=False)


def _content(lines: Sequence[Line], width: int) -> Content:
    return stacked(safe(part, line.role) for line in lines for part in _wrapped(line, width))


def _code_wrapped(text: str, room: int) -> list[str]:
    """Parts that give the text again when they are joined, broken between words where that is possible."""
    if len(text) <= room:
        return [text]
    if len(text) > LONGEST:
        return [text[start : start + room] for start in range(0, len(text), room)]
    return wrap_verbatim(text, room)


def _wrapped(line: Line, width: int) -> Iterator[str]:
    room = max(MIN_COLUMNS, width - len(line.indent))
    if line.shape == "list":
        yield from wrap_lines(line.text, width, line.indent)
        return
    if line.shape == "code":
        parts = _code_wrapped(line.text, room)
    else:
        parts = wrap(line.text, room, hanging=" " * line.hang)
    yield from (f"{line.indent}{part}" for part in parts or [""])
