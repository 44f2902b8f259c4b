"""Runs: the history of runs, the report of one, and the comparison of two."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.formats import human
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from tui.keys import bindings
from tui.shared.background import run_in_background
from tui.shared.base_screen import BaseScreen
from tui.shared.history_types import RunLine
from tui.shared.messages import RunsListed
from tui.style.theme import STATE_COLUMNS
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows

STARTED_COLUMNS = 18
TARGET_COLUMNS = 18


class Runs(BaseScreen):
    """The list of runs. Its state: the list, and True in `comparing` if a comparison is shown."""

    CSS_PATH = "screen.tcss"
    NAME = "runs"
    HEADING = "RUNS"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[RunLine, ...] = ()
        self.comparing = False

    def body(self) -> ComposeResult:
        """Yield the panes of list and run."""
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="list_title")
                yield Rows(bar=self.state.symbols.bar, id="runs")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=self.state.symbols.rule, id="run_title")
                yield Pane(id="run")

    def on_mount(self) -> None:
        """Focus the list."""
        self.set_focus(self.query_one(Rows))

    @property
    def current_report(self) -> Report | None:
        """The report of the highlighted run."""
        key = self.query_one(Rows).key
        return self.state.history.report(key) if self.state.history and key else None

    @property
    def previous_run(self) -> str:
        """The id of the run before the highlighted one on the same targets; empty if there is none."""
        index = self.query_one(Rows).cursor
        current = self.lines[index] if self.lines else None
        earlier = (
            line.run_id for line in self.lines[index + 1 :] if current and line.targets == current.targets
        )
        return next(earlier, "")

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        on_run = ("open", "app.export", "app.copy", "compare")
        reasons = {} if self.lines else dict.fromkeys(on_run, "nothing has been run yet: 2 opens Triage")
        if self.lines and not self.previous_run:
            reasons["compare"] = "there is no earlier run on the same targets"
        return reasons

    def repaint(self) -> None:
        """Show the list, and read it again in the background."""
        if history := self.state.history:
            run_in_background(lambda: RunsListed(tuple(history.runs())), self.post_message, "runs")
        self._show_list()

    @on(RunsListed)
    def show_runs(self, message: RunsListed) -> None:
        """Show the list that was read."""
        self.lines = message.lines
        self._show_list()
        self.show_keys()

    def _show_list(self) -> None:
        self.query_one(Rows).show([self._row(line) for line in self.lines])
        self.query_one("#list_title", Bar).show([Piece("runs, newest first", "strong")], f"{len(self.lines)}")
        self.show_status()
        self._show_run()

    def _row(self, line: RunLine) -> Row:
        word, role = self.state.symbols.state(line.state)
        return Row(
            line.run_id,
            (
                Piece(word, role, STATE_COLUMNS + 2),
                Piece(line.started.replace("T", " ")[:16], "dim", STARTED_COLUMNS),
                Piece(f"{_short_names(line.targets)}  ", None, TARGET_COLUMNS),
                Piece(line.summary, None, -1),
            ),
        )

    @on(Rows.Highlighted)
    def show_highlighted(self) -> None:
        """Show the highlighted run."""
        self.comparing = False
        self._show_run()
        self.show_keys()

    def _show_run(self) -> None:
        key = self.query_one(Rows).key
        title = f"{self.previous_run} and {key}" if self.comparing else key or "nothing has been run yet"
        hint = self.pane_hint("D compares · E exports")
        self.query_one("#run_title", Bar).show([Piece(title, "strong")], hint)
        self.query_one("#run", Pane).show(self._run_lines(key), title)

    def _run_lines(self, key: str) -> list[Line]:
        history = self.state.history
        if not history or not key:
            return [Line("Runs are recorded here, newest first.", "dim")]
        if self.comparing:
            return [_indented_line(text) for text in history.difference(self.previous_run, key)]
        report = history.report(key)
        if report is None:
            return [Line("The record of this run is gone or cannot be read.", "warn")]
        text = human.render(
            report,
            Terminal(width=self.query_one("#run", Pane).room, unicode=not self.state.symbols.ascii_only),
        )
        return [Line(line, None, " ", "code") for line in text.splitlines()]

    def action_open(self) -> None:
        """Focus the report; enlarge it if the panes are not side by side."""
        self.set_focus(self.query_one("#run", Pane))
        if not self.has_class("-wide") and not self.has_class("-zoomed"):
            self.toggle_zoom(self.query_one("#run", Pane))

    def action_compare(self) -> None:
        """Show the comparison with the previous run, or the report again."""
        self.comparing = not self.comparing
        self._show_run()

    def action_back(self) -> None:
        """Show all panes and the report again, and focus the list."""
        if self.has_class("-zoomed"):
            self.toggle_zoom(None)
        self.comparing = False
        self._show_run()
        self.set_focus(self.query_one(Rows))


def _indented_line(text: str) -> Line:
    """Return a line that keeps its indent, also where it is wrapped."""
    bare = text.lstrip()
    return Line(bare, None, " " * (1 + len(text) - len(bare)), hang=2)


def _short_names(targets: Sequence[str]) -> str:
    """Return the names of targets; of an address the part after its role."""
    return ", ".join(target.rpartition("@")[2] for target in targets) or "no target"
