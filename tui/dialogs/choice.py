"""A dialog with a few answers, each chosen by a letter or with the cursor."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui.dialogs.paste import PasteLeaves
from tui.shared.quiet_end import QuietEnd
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows


class Choice(QuietEnd, PasteLeaves, inherit_bindings=False):
    """A question with a few answers. The result is the key of the chosen row; empty if it was left."""

    CSS_PATH = "choice.tcss"
    AUTO_FOCUS = "#answers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose"),
        Binding("escape,q", "leave", "Leave"),
    ]

    def __init__(
        self,
        title: str,
        rows: Sequence[Row],
        *,
        lines: Sequence[Line] = (),
        letters: Mapping[str, str] | None = None,
        bar: str = "▌",
    ) -> None:
        super().__init__()
        self._title, self._rows, self._lines = title, tuple(rows), tuple(lines)
        self._letters = letters or {}
        self._bar = bar

    def compose(self) -> ComposeResult:
        """Yield title, explanation and answers."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            if self._lines:
                yield Pane(id="about")
            yield Rows(bar=self._bar, id="answers")
            yield Bar(id="hint")

    def on_mount(self) -> None:
        """Show the texts and the answers."""
        self.query_one("#title", Bar).show([Piece(self._title, "strong")])
        self.query_one("#hint", Bar).show([Piece(" enter chooses · esc leaves", "dim")])
        if self._lines:
            self.query_one("#about", Pane).show(self._lines)
        self.query_one("#answers", Rows).show(self._rows)

    def on_key(self, event: events.Key) -> None:
        """Answer by the letter in front of an answer."""
        if event.key in self._letters:
            event.stop()
            self.dismiss(self._letters[event.key])

    @on(Rows.Opened)
    def action_choose(self) -> None:
        """Answer with the highlighted row."""
        self.dismiss(self.query_one("#answers", Rows).key)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss("")
