"""The screen of a running runbook: the steps, the current or highlighted step, and the possible answers."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.model import Report
from tui.keys import bindings
from tui.runbook.lines import step_lines, step_rows
from tui.runbook.worker import RunbookWorker
from tui.shared.base_screen import BaseScreen
from tui.shared.messages import EntryChosen
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Row, Rows


class RunbookScreen(BaseScreen):
    """A view of a worker's state. The runbook continues when the screen is left."""

    CSS_PATH = "screen.tcss"
    NAME = "runbook"
    HEADING = "RUNBOOK"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runbook")

    def __init__(self, worker: RunbookWorker) -> None:
        super().__init__()
        self.worker = worker
        self._painted: tuple[int, tuple[str, ...]] = (0, ())
        """Number of steps done, and choices, as they were painted last."""

    def body(self) -> ComposeResult:
        """Yield the panes of the steps, and of one step with the answers."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=symbols.rule, id="steps_title")
                yield Rows(bar=symbols.bar, id="steps")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=symbols.rule, id="step_title")
                yield Pane(id="step")
                yield Rows(bar=symbols.bar, id="answers")

    def on_mount(self) -> None:
        """Focus the steps, unless the runbook waits for an answer."""
        self.set_focus(self.query_one("#steps", Rows))

    @property
    def current_entry(self) -> str:
        """The entry of the first fix at the end of the runbook."""
        end = self.worker.now.end
        return end.fixes[0].entry if end and end.fixes else ""

    @property
    def current_report(self) -> Report | None:
        """The report of the last step that ran probes."""
        reports = self.worker.now.reports
        return reports[-1] if reports else None

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        now = self.worker.now
        reasons: dict[str, str] = {}
        if not now.choices:
            reasons |= dict.fromkeys(("answer", "answer_number"), "there is no question")
        if not self.current_entry:
            reasons["verify"] = "the runbook has not ended in a fix"
        if now.ended:
            reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
        else:
            reasons["app.choose_target"] = "the runbook is running: x stops it"
            reasons["app.choose_runbook"] = "this one is running: x stops it"
        return reasons

    def action_answer(self) -> None:
        """Give the highlighted answer; of several, none is highlighted at first."""
        key = self.query_one("#answers", Rows).key
        if key in self.worker.now.choices:
            self.worker.answer(key)
        else:
            self.show_message("press the number of an answer, or move to it first", "warn")

    def action_answer_number(self, number: int) -> None:
        """Give the answer with this number."""
        choices = len(self.worker.now.choices)
        if number > choices:
            self.show_message(f"there are {choices} answers", "warn")
        else:
            self._answer(number - 1)

    def _answer(self, index: int) -> None:
        self.worker.answer(self.worker.now.choices[index])

    def action_verify(self) -> None:
        """Verify the fix in Triage."""
        self.post_message(EntryChosen(self.current_entry, verify=True))

    def action_cancel(self) -> None:
        """Stop the runbook."""
        self.worker.stop()

    def action_cancel_all(self) -> None:
        """Stop the runbook."""
        self.worker.stop()

    def action_back(self) -> None:
        """Show all panes again if one is enlarged; else go back to the screen below."""
        if not self.end_zoom():
            self.dismiss(None)

    def show_progress(self) -> None:
        """Show the new state of the worker."""
        self.repaint()
        self.show_keys()

    def repaint(self) -> None:
        """Show steps, step and answers; after a change move the cursor to the current step."""
        now, steps = self.worker.now, self.query_one("#steps", Rows)
        steps.show(list(step_rows(self.worker, self.state.symbols)))
        current = len(now.visits), now.choices
        if current != self._painted:
            self._painted = current
            steps.action_last()
            self._show_answers(now.choices)
        title = [Piece(self.worker.runbook.id, "strong"), Piece(f"  {self.worker.runbook.title}")]
        self.query_one("#steps_title", Bar).show(title, f"{len(now.visits)} done")
        self.show_step()
        self.show_status()

    def _show_answers(self, choices: tuple[str, ...]) -> None:
        answers = self.query_one("#answers", Rows)
        rows = [Row(choice, (Piece(f"{n}  {choice}", "strong"),)) for n, choice in enumerate(choices, 1)]
        if len(choices) > 1:  # so that no enter that was meant for something else answers
            rows.insert(0, Row("", (Piece("-  not answered yet", "dim"),)))
        answers.show(rows)
        answers.display = bool(choices)
        answers.styles.height = len(rows)
        answers.move_to(0)
        self.set_focus(answers if choices else self.query_one("#steps", Rows))

    @on(Rows.Highlighted, "#steps")
    def show_step(self) -> None:
        """Show the highlighted step."""
        index = self.query_one("#steps", Rows).cursor
        now = self.worker.now
        step = self.worker.runbook.step(now.visits[index].step) if index < len(now.visits) else now.step
        self.query_one("#step_title", Bar).show([Piece(step.title, "strong")], self.pane_hint("z zooms"))
        lines = list(step_lines(self.worker, index, self.state.symbols))
        self.query_one("#step", Pane).show(lines, f"{index} {step.id}")
