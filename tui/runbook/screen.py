"""A runbook while it is walked: the way so far, the step that is seen, the answers that it waits for."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from diagnostics.report.model import Report
from tui.keys import bindings
from tui.runbook.lines import step_lines, way_rows
from tui.runbook.worker import RunbookWorker
from tui.shared.base_screen import BaseScreen, Handlers
from tui.shared.messages import EntryChosen
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Row, Rows


class RunbookScreen(BaseScreen):
    """Its state is the walker's; leaving the screen leaves the walk where it is."""

    CSS_PATH = "screen.tcss"
    WHERE = "runbook"
    TITLE_WORD = "RUNBOOK"
    BINDINGS: ClassVar[list[BindingType]] = bindings("runbook")

    def __init__(self, walker: RunbookWorker) -> None:
        super().__init__()
        self.walker = walker
        self._asked: tuple[int, tuple[str, ...]] = (0, ())
        """How many steps were done, and what was asked, when this was painted last."""

    def body(self) -> ComposeResult:
        """The way, the step, the answers: below each other, or the way beside the others."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=symbols.rule, id="way_title")
                yield Rows(bar=symbols.bar, id="way")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=symbols.rule, id="step_title")
                yield Pane(id="step")
                yield Rows(bar=symbols.bar, id="answers")

    def on_mount(self) -> None:
        """The way has the keys until something is asked."""
        self.set_focus(self.query_one("#way", Rows))
        super().on_mount()

    @property
    def own_entry(self) -> str:
        """The entry whose fix is due."""
        end = self.walker.now.end
        return end.fixes[0].entry if end and end.fixes else ""

    @property
    def own_report(self) -> Report | None:
        """What the last look came to."""
        reports = self.walker.now.reports
        return reports[-1] if reports else None

    def handlers(self) -> Handlers:
        """What the screen does itself."""
        return {
            "answer": lambda: self.answer(self.query_one("#answers", Rows).cursor),
            "verify": lambda: self.post_message(EntryChosen(self.own_entry, verify=True)),
            "back": self.back,
            "run.cancel": self.walker.leave,
            "run.cancel_all": self.walker.leave,
            "zoom": lambda: self.zoomed(self.focused),
            "pane": self.focus_next,
            "pane_back": self.focus_previous,
        }

    def refusals(self) -> dict[str, str]:
        """Why keys are dead."""
        now = self.walker.now
        why: dict[str, str] = {}
        if not now.asks:
            why |= dict.fromkeys(("answer", "number"), "nothing is asked")
        if not self.own_entry:
            why["verify"] = "no fix is due yet"
        if now.over:
            why |= dict.fromkeys(("run.cancel", "run.cancel_all"), "nothing runs")
        else:
            why["target"] = "the runbook goes on: x stops it"
            why["runbook"] = "this one goes on: x stops it"
        return why

    def action_number(self, number: int) -> None:
        """A number is the answer that it stands before."""
        choices = len(self.walker.now.asks)
        if not choices:
            self.action_act("number")
        elif number > choices:
            self.say(f"there are {choices} answers", "warn")
        else:
            self.answer(number - 1)

    def answer(self, place: int) -> None:
        """Answer what is asked."""
        self.say("")
        self.walker.answer(self.walker.now.asks[place])

    def back(self) -> None:
        """Out of the zoom, then to the screen below; the walk waits or goes on."""
        if self.has_class("-zoomed"):
            self.zoomed(None)
        else:
            self.dismiss(None)

    def went_on(self) -> None:
        """Show where it is now; the cursor follows, and the keys go to what is asked."""
        self.repaint()
        self.show_keys()

    def repaint(self) -> None:
        """The way, the step, the answers."""
        now, way = self.walker.now, self.query_one("#way", Rows)
        way.show(list(way_rows(self.walker, self.state.symbols)))
        asked = len(now.visits), now.asks
        if asked != self._asked:
            self._asked = asked
            way.action_last()
            self._ask(now.asks)
        title = [Piece(self.walker.runbook.id, "strong"), Piece(f"  {self.walker.runbook.title}")]
        self.query_one("#way_title", Bar).show(title, f"{len(now.visits)} done")
        self.show_step()
        self.status()

    def _ask(self, choices: tuple[str, ...]) -> None:
        answers = self.query_one("#answers", Rows)
        rows = [Row(choice, (Piece(f"{n}  {choice}", "strong"),)) for n, choice in enumerate(choices, 1)]
        answers.show(rows)
        answers.display = bool(choices)
        answers.styles.height = len(choices)
        answers.move_to(0)
        self.set_focus(answers if choices else self.query_one("#way", Rows))

    @on(Rows.Highlighted, "#way")
    def show_step(self) -> None:
        """The step that is highlighted."""
        place = self.query_one("#way", Rows).cursor
        now = self.walker.now
        step = self.walker.runbook.step(now.visits[place].step) if place < len(now.visits) else now.step
        self.query_one("#step_title", Bar).show([Piece(step.title, "strong")], self.how("z zooms"))
        lines = list(step_lines(self.walker, place, self.state.symbols))
        self.query_one("#step", Pane).show(lines, f"{place} {step.id}")
