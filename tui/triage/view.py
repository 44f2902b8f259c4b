"""What Triage looks like: its panes, painted from the case."""

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from diagnostics.engine.events import Key
from diagnostics.engine.scheduler import Task
from diagnostics.report.model import Report
from kb.records.skeleton import draft
from tui.shared.base_screen import BaseScreen
from tui.shared.probe_runner import Runner
from tui.triage.lines import candidate_row, detail_lines, text_lines
from tui.triage.probe_lines import probe_row, row_key
from tui.triage.session import TriageSession
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Row, Rows


class TriageView(BaseScreen):
    """Its state is the case, what is marked, what the detail is about, and the entry that is verified."""

    CSS_PATH = "screen.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._case: TriageSession | None = None
        self.runner = Runner(self.post_message)
        self.marked: set[str] = set()
        self.detail = "candidate"
        """What the last pane is about: `candidate`, `probe` or `fix`."""
        self.verifying = ""
        """The entry whose fix is being verified; empty where none is."""

    def body(self) -> ComposeResult:
        """Four panes: below each other, or in two columns."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="left"):
                with Vertical(id="text_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="text_title")
                    yield Pane(id="text")
                with Vertical(id="candidates_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="candidates_title")
                    yield Rows(bar=symbols.bar, id="candidates")
            with Vertical(id="right"):
                with Vertical(id="probes_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="probes_title")
                    yield Rows(bar=symbols.bar, id="probes")
                with Vertical(id="detail_box", classes="pane"):
                    yield Bar(fill=symbols.rule, id="detail_title")
                    yield Pane(id="detail")

    @property
    def case(self) -> TriageSession:
        """What is looked into; an empty case at first."""
        if self._case is None:
            self._case = TriageSession(self.state)
        return self._case

    @property
    def candidate(self) -> str:
        """The highlighted entry."""
        return self.query_one("#candidates", Rows).key

    @property
    def probe_task(self) -> Task | None:
        """The highlighted probe."""
        key = self.query_one("#probes", Rows).key
        return next((task for task in self.case.planned if row_key(task.key) == key), None)

    @property
    def own_entry(self) -> str:
        """The highlighted candidate."""
        return self.candidate

    @property
    def own_report(self) -> Report | None:
        """The report of the case; none where nothing ran for it."""
        return self.case.finished()

    @property
    def own_text(self) -> str:
        """The cleaned text."""
        return self.case.text.text

    @property
    def draft_text(self) -> str:
        """A draft where nothing known matches the text."""
        unknown = self.case.text.text and not self.case.candidates
        return draft(self.case.text.text) if unknown else ""

    def repaint(self) -> None:
        """Everything, from the case."""
        case, symbols = self.case, self.state.symbols
        self._title("text", "1 Error" if not case.chosen else "1 Chosen entry", self._masked())
        self.query_one("#text", Pane).show(text_lines(case), case.text.text)
        self._title("candidates", "2 Candidates", "verdict · score · why" if case.candidates else "none")
        numbered = enumerate(case.offered, 1)
        self.query_one("#candidates", Rows).show([candidate_row(case, symbols, *one) for one in numbered])
        self._title(
            "probes", "3 Probes", "most telling first" if case.planned else "T chooses what is examined"
        )
        busy = self._waiting()
        self.query_one("#probes", Rows).show([self._row(task, busy) for task in case.listed])
        self.show_detail()
        self.status(self._progress())

    def _row(self, task: Task, busy: set[Key]) -> Row:
        waits, marked = task.key in busy, row_key(task.key) in self.marked
        return probe_row(self.case, self.state.symbols, task, waits=waits, marked=marked)

    def _masked(self) -> str:
        masked = self.case.text.masked
        return f"{masked} secret{'s' * (masked != 1)} masked" if self.case.text.text else ""

    def _title(self, pane: str, text: str, right: str) -> None:
        self.query_one(f"#{pane}_title", Bar).show([Piece(text, "strong")], right)

    def show_detail(self) -> None:
        """The last pane alone."""
        probe = self.probe_task.probe if self.probe_task else "none"
        title = {
            "candidate": self.candidate if self.case.candidates else "What to do",
            "probe": f"Evidence: {probe}",
            "fix": f"Fix: {self.candidate}",
        }[self.detail]
        lines = detail_lines(self.case, self.state, self.detail, self.candidate, self.probe_task)
        ways = "y copies · v verifies" if self.detail == "fix" else "z zooms · tab goes on"
        self._title("detail", f"4 {title}", self.how(ways))
        self.query_one("#detail", Pane).show(lines, title)

    def _waiting(self) -> set[Key]:
        if not self.runner.busy or not self.runner.underway:
            return set()
        return {task.key for task in self.runner.underway.examination.tasks}

    def _progress(self) -> str:
        if self.verifying:
            return f"verifying {self.verifying}"
        states = [self.case.probe_state(task, waits=False) for task in self.case.planned]
        done = sum(state not in {"new", "waiting", "running", "held"} for state in states)
        counted = [f"{states.count(word)} {word}" for word in ("fail", "running") if word in states]
        return " · ".join([f"{done} of {len(states)} done", *counted]) if done or counted else ""
