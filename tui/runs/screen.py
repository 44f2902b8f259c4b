"""Runs: the history of runs, the report of one, and the comparison of two."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.formats import human
from diagnostics.report.model import Report
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import target_named
from diagnostics.terminal import Terminal
from tui.keys import bindings
from tui.shared.background import run_in_background
from tui.shared.base_screen import BaseScreen
from tui.shared.history_types import RunLine
from tui.shared.local_time import day_and_time, zone_name
from tui.shared.messages import RunEnded, RunProgressed, RunsListed
from tui.shared.probe_runner import ProbeRunner
from tui.style.theme import STATE_COLUMNS
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Row, Rows

STARTED_COLUMNS = 18
TARGET_COLUMNS = 18
MAX_MARKED = 2
TWO_PANES = 130
"""Width from which the two panes are side by side, as in the style sheets."""


class Runs(BaseScreen):
    """The list of runs. Its state: the list, the marked runs, and True in `comparing` for a comparison."""

    CSS_PATH = "screen.tcss"
    NAME = "runs"
    HEADING = "RUNS"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[RunLine, ...] = ()
        self.is_read = False
        """True after the history was read for the first time."""
        self.marked: set[str] = set()
        self.comparing = False
        self.runner = ProbeRunner(self.post_message)

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

    @property
    def compared_runs(self) -> tuple[str, str] | None:
        """The earlier and the later run to compare: the two marked ones, else the previous one and this."""
        marked = [line.run_id for line in self.lines if line.run_id in self.marked]
        if len(marked) == MAX_MARKED:
            return marked[1], marked[0]
        previous = self.previous_run
        return (previous, self.query_one(Rows).key) if previous else None

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        on_run = ("open", "app.export", "app.copy", "compare", "mark", "run_one")
        reasons = {} if self.lines else dict.fromkeys(on_run, "nothing has been run yet: 2 opens Triage")
        if self.lines and not self.compared_runs:
            reasons["compare"] = "there is no earlier run on the same targets: space marks two runs"
        if not self.runner.busy:
            reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
        elif self.lines:
            reasons["run_one"] = "a run is going on: x cancels it"
        return reasons

    def repaint(self) -> None:
        """Show the list, and read it again in the background."""
        self._read_list()
        self._show_list()

    def _read_list(self) -> None:
        if history := self.state.history:
            run_in_background(lambda: RunsListed(tuple(history.runs())), self.post_message, "runs")

    @on(RunsListed)
    def show_runs(self, message: RunsListed) -> None:
        """Show the list that was read."""
        self.lines, self.is_read = message.lines, True
        self.marked &= {line.run_id for line in self.lines}
        self._show_list()
        self.show_keys()

    def _show_list(self) -> None:
        self.query_one(Rows).show([self._row(line) for line in self.lines])
        count = f"{len(self.lines)}" if self.is_read or not self.state.history else "reading"
        title = [Piece("runs, newest first", "strong"), Piece(f"  times in {zone_name()}", "dim")]
        self.query_one("#list_title", Bar).show(title, count)
        self.show_status(self._progress())
        self._show_run()

    def _row(self, line: RunLine) -> Row:
        word, role = self.state.symbols.state(line.state)
        mark = self.state.symbols.mark if line.run_id in self.marked else " "
        return Row(
            line.run_id,
            (
                Piece(mark, "warn", 2),
                Piece(word, role, STATE_COLUMNS + 2),
                Piece(day_and_time(line.started), "dim", STARTED_COLUMNS),
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
        pair = self.compared_runs if self.comparing else None
        title = f"{pair[0]} and {pair[1]}" if pair else key or "nothing has been run yet"
        hint = self.pane_hint("D compares · r runs again")
        self.query_one("#run_title", Bar).show([Piece(title, "strong")], hint)
        self.query_one("#run", Pane).show(self._run_lines(key), title)

    def _run_lines(self, key: str) -> list[Line]:
        history = self.state.history
        if not history or not key:
            return [Line("Runs are recorded here, newest first.", "dim")]
        if self.comparing and (pair := self.compared_runs):
            return [_indented_line(text) for text in history.difference(*pair)]
        report = history.report(key)
        if report is None:
            return [Line("The record of this run is gone or cannot be read.", "warn")]
        text = human.render(
            report,
            Terminal(width=self.query_one("#run", Pane).room - 1, unicode=not self.state.symbols.ascii_only),
        )
        return [Line(line, None, " ", "code") for line in text.splitlines()]

    def action_open(self) -> None:
        """Focus the report; enlarge it if the panes are not side by side."""
        self.set_focus(self.query_one("#run", Pane))
        if self.app.size.width < TWO_PANES and not self.is_zoomed:
            self.toggle_zoom(self.query_one("#run", Pane))

    def action_compare(self) -> None:
        """Show the comparison of two runs, or the report again."""
        self.comparing = not self.comparing
        self._show_run()

    def action_mark(self) -> None:
        """Mark or unmark the highlighted run for a comparison; a third mark replaces the oldest."""
        rows = self.query_one(Rows)
        if rows.key in self.marked:
            self.marked.discard(rows.key)
        else:
            others = [line.run_id for line in self.lines if line.run_id in self.marked][: MAX_MARKED - 1]
            self.marked = {rows.key, *others}
        self._show_list()
        rows.action_cursor_down()

    def action_run_one(self) -> None:
        """Run the probes of the highlighted run again, on the same target."""
        report = self.current_report
        if report is None:
            return
        target = self._target_of(report)
        if target is None:
            name = ", ".join(report.targets) or "no target"
            self.show_message(f"it was run on {name}: T chooses it", "warn")
            return
        ran = {result.key.probe for result in report.results}
        probes = [name for name in self.state.catalogue.probes if name in ran]
        if not probes:
            self.show_message("no probe ran in it", "warn")
            return
        self.runner.start(self.state.examination(probes, target=target), self.state.recorder)
        self._show_list()

    def _target_of(self, report: Report) -> Target | None:
        """Return the current target, or one of the target file, if it is the only one of a run."""
        if len(report.targets) != 1:
            return None
        (name,) = report.targets
        if self.state.target and self.state.target.name == name:
            return self.state.target
        config = self.state.config
        known = name in config.settings.target and name not in config.problems
        return target_named(name, config) if known else None

    def action_cancel(self) -> None:
        """Cancel the run."""
        self.runner.cancel()

    def action_cancel_all(self) -> None:
        """Cancel the run."""
        self.runner.cancel()

    def _progress(self) -> str:
        return self.runner.progress_text if self.runner.busy else ""

    @on(RunProgressed)
    @on(RunEnded)
    def show_progress(self, message: RunProgressed | RunEnded) -> None:
        """Show the progress of the run; at its end read the list again and highlight it."""
        if not self.runner.accept(message) or not self.runner.current:
            return
        if isinstance(message, RunEnded):
            self.state.add_report(self.runner.current.report)
            self._read_list()
            self.query_one(Rows).move_to(0)
        self.show_status(self._progress())
        self.show_keys()

    def action_back(self) -> None:
        """Show all panes and the report again, and focus the list; then remove the marks."""
        if not self.end_zoom() and self.marked and not self.comparing:
            self.marked.clear()
        self.comparing = False
        self._show_list()
        self.set_focus(self.query_one(Rows))


def _indented_line(text: str) -> Line:
    """Return a line that keeps its indent, also where it is wrapped."""
    bare = text.lstrip()
    return Line(bare, None, " " * (1 + len(text) - len(bare)), hang=2)


def _short_names(targets: Sequence[str]) -> str:
    """Return the names of targets; of an address the part after its role."""
    return ", ".join(target.rpartition("@")[2] for target in targets) or "no target"
