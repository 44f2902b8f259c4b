"""Runs: what was run before, read from the history."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.formats.human import human
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from tui.keys import bindings
from tui.shared.background import aside
from tui.shared.base_screen import BaseScreen, Handlers
from tui.shared.history_types import RunLine
from tui.shared.messages import Listed
from tui.style.theme import LONGEST_STATE
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows

STARTED_COLUMNS = 18
TARGET_COLUMNS = 18


class Runs(BaseScreen):
    """The list of runs. Its state: whether the lower pane shows a run or a comparison."""

    CSS_PATH = "screen.tcss"
    WHERE = "runs"
    TITLE_WORD = "RUNS"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[RunLine, ...] = ()
        self.comparing = False

    def body(self) -> ComposeResult:
        """List and run: below each other, or beside."""
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="list_title")
                yield Rows(bar=self.state.symbols.bar, id="runs")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="run_title")
                yield Pane(id="run")

    def on_mount(self) -> None:
        """The list has the keys."""
        super().on_mount()
        self.set_focus(self.query_one(Rows))

    @property
    def own_report(self) -> Report | None:
        """The highlighted run."""
        key = self.query_one(Rows).key
        return self.state.past.report(key) if self.state.past and key else None

    @property
    def before(self) -> str:
        """The run before the highlighted one, of the same targets; empty where there is none."""
        place = self.query_one(Rows).cursor
        own = self.lines[place] if self.lines else None
        earlier = (line.run_id for line in self.lines[place + 1 :] if own and line.targets == own.targets)
        return next(earlier, "")

    def handlers(self) -> Handlers:
        """What Runs does itself."""
        return {
            "open": self.read,
            "back": self.back,
            "diff": self.compare,
            "zoom": lambda: self.zoomed(self.focused),
            "pane": self.focus_next,
            "pane_back": self.focus_previous,
        }

    def refusals(self) -> dict[str, str]:
        """Why keys are dead."""
        nothing = "nothing was run yet: 2 opens Triage"
        why = dict.fromkeys(("open", "export", "copy", "diff"), nothing) if not self.lines else {}
        if self.lines and not self.before:
            why["diff"] = "there is no earlier run of the same targets"
        return why

    def repaint(self) -> None:
        """Read the list anew, beside the screen, and show what is known of it."""
        if past := self.state.past:
            aside(lambda: Listed(tuple(past.runs())), self.post_message, "runs")
        self._paint()

    @on(Listed)
    def show_runs(self, message: Listed) -> None:
        """The list was read."""
        self.lines = message.lines
        self._paint()
        self.show_keys()

    def _paint(self) -> None:
        self.query_one(Rows).show([self._row(line) for line in self.lines])
        self.query_one("#list_title", Bar).show([Piece("runs, newest first", "strong")], f"{len(self.lines)}")
        self.status()
        self._show()

    def _row(self, line: RunLine) -> Row:
        word, role = self.state.symbols.state(line.state)
        return Row(
            line.run_id,
            (
                Piece(word, role, LONGEST_STATE + 2),
                Piece(line.started.replace("T", " ")[:16], "dim", STARTED_COLUMNS),
                Piece(f"{_short(line.targets)}  ", None, TARGET_COLUMNS),
                Piece(line.summary, None, -1),
            ),
        )

    @on(Rows.Highlighted)
    def show_run(self) -> None:
        """Another run is highlighted."""
        self.comparing = False
        self._show()
        self.show_keys()

    def _show(self) -> None:
        key = self.query_one(Rows).key
        title = f"{self.before} and {key}" if self.comparing else key or "nothing was run yet"
        self.query_one("#run_title", Bar).show([Piece(title, "strong")], self.how("D compares · E exports"))
        self.query_one("#run", Pane).show(self._text(key), title)

    def _text(self, key: str) -> list[Line]:
        past = self.state.past
        if not past or not key:
            return [Line("Every run of this screen is kept here, newest first.", "dim")]
        if self.comparing:
            return [_hung(text) for text in past.difference(self.before, key)]
        report = past.report(key)
        if report is None:
            return [Line("This run is gone, or its file cannot be read.", "warn")]
        text = human(
            report,
            Terminal(width=self.query_one("#run", Pane).room, unicode=not self.state.symbols.ascii_only),
        )
        return [Line(line, None, " ", "code") for line in text.splitlines()]

    def read(self) -> None:
        """Give the keys, and in a small terminal the room, to the text of the run."""
        self.set_focus(self.query_one("#run", Pane))
        if not self.has_class("-wide") and not self.has_class("-zoomed"):
            self.zoomed(self.query_one("#run", Pane))

    def compare(self) -> None:
        """Show what differs from the run before."""
        self.comparing = not self.comparing
        self._show()

    def back(self) -> None:
        """Out of the zoom and the comparison, back to the list."""
        if self.has_class("-zoomed"):
            self.zoomed(None)
        self.comparing = False
        self._show()
        self.set_focus(self.query_one(Rows))


def _hung(text: str) -> Line:
    """A line that keeps its indent, what does not fit below it."""
    bare = text.lstrip()
    return Line(bare, None, " " * (1 + len(text) - len(bare)), hang=2)


def _short(targets: Sequence[str]) -> str:
    """Names of targets; of an address what follows its role."""
    return ", ".join(target.rpartition("@")[2] for target in targets) or "no target"
