"""Watch: the quiet probes of one or several targets, run again and again; what changed, and since when."""

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.model import Report, Result
from diagnostics.run.examination import now
from tui.keys import bindings
from tui.shared.base_screen import NO_TARGET, BaseScreen
from tui.shared.local_time import time_of_day
from tui.shared.messages import RunEnded, RunProgressed, TargetChosen
from tui.shared.probe_runner import ProbeRunner
from tui.watch.changes import Change, Since, cells_of, layers_of, shown_results, updated
from tui.watch.lines import head_line, target_lines, target_row
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from diagnostics.engine.events import Key

EVERY_S: Final = 10.0
"""Seconds between the ends of two rounds; a round that takes longer delays the next one."""
MAX_CHANGES: Final = 200


class WatchScreen(BaseScreen):
    """A grid of targets by layers. Its state: the last round, since when each result is so, and the changes.

    Rounds are not recorded in the history: a night of them would push everything else out of it.
    """

    CSS_PATH = "screen.tcss"
    NAME = "watch"
    HEADING = "WATCH"
    BINDINGS: ClassVar[list[BindingType]] = bindings("watch")

    def __init__(self, *, repeats: bool) -> None:
        super().__init__()
        self.repeats = repeats
        """True while rounds are repeated."""
        self.every_s = EVERY_S
        self.runner = ProbeRunner(self.post_message)
        self.rounds = 0
        self._results: list[Result] = []
        self._report: Report | None = None
        self._since: dict[Key, Since] = {}
        self.changes: list[Change] = []
        self._next = 0.0
        """Monotonic time of the next round."""

    def body(self) -> ComposeResult:
        """Yield the grid, and the pane of one target."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=symbols.rule, id="targets_title")
                yield Bar(id="layers")
                yield Rows(bar=symbols.bar, id="targets")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=symbols.rule, id="target_title")
                yield Pane(id="target")

    def on_mount(self) -> None:
        """Focus the grid and begin the first round."""
        self.set_focus(self.query_one(Rows))
        self.set_interval(1.0, self._tick)
        self._begin_round()

    @property
    def current_report(self) -> Report | None:
        """The report of the last round."""
        return self._report

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        reasons: dict[str, str] = {}
        if not self.state.all_targets:
            reasons |= dict.fromkeys(("open", "run_one"), NO_TARGET)
        if not (self.runner.busy or self.repeats):
            reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
        return reasons

    def repaint(self) -> None:
        """Show grid and target."""
        catalogue, targets = self.state.catalogue, self.state.all_targets
        layers = layers_of(catalogue, self._results)
        cells = cells_of(catalogue, self._results)
        self.query_one("#layers", Bar).show(head_line(layers))
        rows = [target_row(target, layers, cells, self.state.symbols) for target in targets]
        self.query_one(Rows).show(rows)
        count = f"{len(targets)} target{'s' * (len(targets) != 1)}"
        self.query_one("#targets_title", Bar).show([Piece(count, "strong")], self._round_text())
        self.show_status(self._status())
        self.show_target()

    def _round_text(self) -> str:
        return f"round {self.rounds}, {len(self.changes)} changes"

    def _status(self) -> str:
        if self.runner.busy:
            return self.runner.progress_text
        if not self.repeats:
            return "stopped: W watches"
        return f"next in {max(0, round(self._next - time.monotonic()))} s"

    @on(Rows.Highlighted)
    def show_target(self) -> None:
        """Show the highlighted target."""
        name = self.query_one(Rows).key
        title = [Piece(name or "no target", "strong")]
        self.query_one("#target_title", Bar).show(title, self.pane_hint("enter opens · z zooms"))
        lines = target_lines(name, self._results, self._since, self.changes, self.state.symbols)
        self.query_one(Pane).show(list(lines), name)

    def apply_target_change(self) -> None:
        """Begin anew with another target."""
        self.runner.forget()
        self._results, self._since, self.changes, self.rounds = [], {}, [], 0
        self.repaint()
        self._begin_round()

    def toggle(self) -> None:
        """Stop the rounds, or begin them again."""
        self.repeats = not self.repeats
        if self.repeats:
            self._begin_round()
        self.repaint()
        self.show_keys()

    def _tick(self) -> None:
        if self.repeats and not self.runner.busy and time.monotonic() >= self._next:
            self._begin_round()
        elif self.is_current and self.is_mounted:
            self.show_status(self._status())

    def _begin_round(self) -> None:
        if self.runner.busy or not self.state.all_targets:
            return
        self.runner.start(self.state.examination_of_all())
        self.show_keys()

    @on(RunProgressed)
    @on(RunEnded)
    def show_progress(self, message: RunProgressed | RunEnded) -> None:
        """Show the progress of a round; at its end compare it with the one before."""
        if not self.runner.accept(message) or not self.runner.current:
            return
        if isinstance(message, RunEnded):
            self._end_round(self.runner.current.report)
            self.repaint()
            self.show_keys()
        elif self.is_current:
            self.show_status(self._status())

    def _end_round(self, report: Report) -> None:
        at, self._report = now(), report
        self._results = shown_results(report)
        self._since, changes = updated(self._since, self._results, at)
        self.changes = [*self.changes, *changes][-MAX_CHANGES:]
        self.rounds += 1
        self._next = time.monotonic() + self.every_s
        if changes:
            first = changes[0]
            text = f"{time_of_day(at)} {first.key.target}: {first.key.probe} {first.was}, now {first.now}"
            self.state.notes.append(f"watch: {text}")
            self.host.show_message(text)
            self.app.bell()

    def action_run_one(self) -> None:
        """Begin a round now."""
        self._begin_round()

    def action_open(self) -> None:
        """Stop, and open the highlighted target in Triage with what the last round has confirmed on it."""
        name, self.repeats = self.query_one(Rows).key, False
        diagnoses = self._report.diagnoses if self._report else ()
        found = (item.entry for item in diagnoses if item.target == name and item.verdict == "confirmed")
        self.post_message(TargetChosen(name, next(found, "")))

    def on_unmount(self) -> None:
        """Cancel the round: nobody sees it any more."""
        self.runner.cancel()

    def action_cancel(self) -> None:
        """Stop the round and all further ones."""
        self.repeats = False
        self.runner.cancel()
        self.repaint()

    def action_cancel_all(self) -> None:
        """Stop the round and all further ones."""
        self.action_cancel()

    def action_back(self) -> None:
        """Show all panes again if one is enlarged; else leave, and stop watching."""
        if self.end_zoom():
            return
        self.repeats = False
        self.runner.forget()
        self.dismiss(None)
