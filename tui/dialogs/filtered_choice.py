"""A dialog with many answers, filtered while the user types: targets, faults, runbooks."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from tui.dialogs.options import Option, filtered, option_rows
from tui.dialogs.paste import PasteLeaves
from tui.dialogs.text_input import LineInput
from tui.shared.quiet_end import QuietEnd
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Rows


class FilteredChoice(QuietEnd, PasteLeaves, inherit_bindings=False):
    """A question with many answers. All letters go to the filter.

    The result is the key of the chosen option; empty if the dialog was left.
    """

    CSS_PATH = "choice.tcss"
    AUTO_FOCUS = "#line"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", "Down"),
        Binding("up", "move('cursor_up')", "Up"),
        Binding("pagedown", "move('page_down')", "Page down"),
        Binding("pageup", "move('page_up')", "Page up"),
        Binding("escape", "back", "Clear or leave"),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        lines: Sequence[Line] = (),
        hint: str = "words, !word",
        bar: str = "▌",
    ) -> None:
        super().__init__()
        self._title, self._options, self._lines = title, tuple(options), tuple(lines)
        self._hint, self._bar = hint, bar

    def compose(self) -> ComposeResult:
        """Yield title, explanation, filter, answers, and the text of the highlighted answer."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            if self._lines:
                yield Pane(id="about")
            yield LineInput(id="line", placeholder=f"type to filter: {self._hint}")
            yield Rows(bar=self._bar, id="answers")
            yield Pane(id="details")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Show all options."""
        if self._lines:
            self.query_one("#about", Pane).show(self._lines)
        self._show("")

    @on(Input.Changed, "#line")
    def apply_filter(self, event: Input.Changed) -> None:
        """Show the options that pass the filter."""
        self._show(event.value)

    def _show(self, typed: str) -> None:
        options = filtered(self._options, typed)
        answers = self.query_one("#answers", Rows)
        answers.show(list(option_rows(options)))
        answers.action_first()
        count = f"{len(options)} of {len(self._options)}"
        self.query_one("#title", Bar).show([Piece(self._title, "strong")], count)
        escape = "esc clears the filter" if typed else "esc leaves"
        self.query_one("#hint", Bar).show([Piece(f" ↓ ↑ move · enter chooses · {escape}", "dim")])
        self._show_details()

    @on(Rows.Highlighted)
    def _show_details(self) -> None:
        """Show the whole text of the highlighted option below the list."""
        key = self.query_one("#answers", Rows).key
        details = next((option.details for option in self._options if option.key == key), "")
        no_match = "" if key else "Nothing matches the filter. esc clears it."
        self.query_one("#details", Pane).show([Line(details or no_match, "strong")], key)

    @on(Rows.Opened)
    @on(Input.Submitted, "#line")
    def choose(self) -> None:
        """Answer with the highlighted option, if there is one."""
        if key := self.query_one("#answers", Rows).key:
            self.dismiss(key)

    def action_move(self, action: str) -> None:
        """Move the cursor of the answers; the focus stays on the filter."""
        getattr(self.query_one("#answers", Rows), f"action_{action}")()

    def action_back(self) -> None:
        """Clear the filter; leave if it is empty."""
        line = self.query_one("#line", Input)
        if line.value:
            line.value = ""
        else:
            self.dismiss("")
