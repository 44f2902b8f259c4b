"""A question with many answers, narrowed while one types: targets, faults of the lab, runbooks."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.dialogs.options import Option, narrowed, rows_of
from tui.dialogs.text_input import WholePaste
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Rows


class FilteredChoice(ModalScreen[str], inherit_bindings=False):
    """Answers with the key of the chosen option; empty where it was left. All letters go to the filter."""

    CSS_PATH = "choice.tcss"
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
        """The question, what is to be known, the filter, the answers."""
        with Vertical(id="box"):
            yield Bar(fill="─", id="title")
            if self._lines:
                yield Pane(id="about")
            line = WholePaste(id="line", compact=True, placeholder=f"type to narrow: {self._hint}")
            line.cursor_blink = False
            yield line
            yield Rows(bar=self._bar, id="answers")
            yield Pane(id="more")
            yield Bar(id="how")

    def on_mount(self) -> None:
        """Show everything; the letters go to the filter."""
        self.query_one("#how", Bar).show([Piece(" ↓ ↑ move · enter chooses · esc leaves", "dim")])
        if self._lines:
            self.query_one("#about", Pane).show(self._lines)
        self.set_focus(self.query_one("#line", Input))
        self._show("")

    @on(Input.Changed, "#line")
    def narrow(self, event: Input.Changed) -> None:
        """The answers follow each key."""
        self._show(event.value)

    def _show(self, typed: str) -> None:
        shown = narrowed(self._options, typed)
        answers = self.query_one("#answers", Rows)
        answers.show(list(rows_of(shown)))
        answers.action_first()
        count = f"{len(shown)} of {len(self._options)}"
        self.query_one("#title", Bar).show([Piece(self._title, "strong")], count)
        self._explain()

    @on(Rows.Highlighted)
    def _explain(self) -> None:
        """What the row of the highlighted option has no room for."""
        key = self.query_one("#answers", Rows).key
        whole = next((option.whole for option in self._options if option.key == key), "")
        nothing = "" if key else "Nothing fits these words. esc clears them."
        self.query_one("#more", Pane).show([Line(whole or nothing, "strong")], key)

    @on(Input.Submitted, "#line")
    def choose(self) -> None:
        """Answer with the highlighted option; an empty list has no answer."""
        if key := self.query_one("#answers", Rows).key:
            self.dismiss(key)

    def action_move(self, how: str) -> None:
        """Move in the answers while the letters still go to the filter."""
        getattr(self.query_one("#answers", Rows), f"action_{how}")()

    def action_back(self) -> None:
        """Clear what was typed; then leave."""
        line = self.query_one("#line", Input)
        if line.value:
            line.value = ""
        else:
            self.dismiss("")
