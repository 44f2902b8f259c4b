"""A question with a few answers: what to copy, in which format, whether to go on."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows


class Choice(ModalScreen[str], inherit_bindings=False):
    """Answers with the key of the chosen row; empty where the question was left."""

    CSS_PATH = "choice.tcss"
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
        """The question, what is to be known, the answers."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            if self._lines:
                yield Pane(id="about")
            yield Rows(bar=self._bar, id="answers")
            yield Bar(id="how")

    def on_mount(self) -> None:
        """Show them."""
        self.query_one("#title", Bar).show([Piece(self._title, "strong")])
        self.query_one("#how", Bar).show([Piece(" enter chooses · esc leaves", "dim")])
        if self._lines:
            self.query_one("#about", Pane).show(self._lines)
        answers = self.query_one("#answers", Rows)
        answers.show(self._rows)
        self.set_focus(answers)

    def on_key(self, event: events.Key) -> None:
        """A letter that stands before an answer chooses it."""
        if event.key in self._letters:
            event.stop()
            self.dismiss(self._letters[event.key])

    def action_choose(self) -> None:
        """Answer with the highlighted row."""
        self.dismiss(self.query_one("#answers", Rows).key)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss("")
