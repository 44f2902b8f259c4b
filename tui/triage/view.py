"""The four panes of Triage, painted from a session."""

from collections.abc import Callable, Collection

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from diagnostics.engine.events import Key
from diagnostics.engine.scheduler import Task
from tui.style.theme import Symbols
from tui.triage.lines import Detail, candidate_row, detail_lines, text_lines
from tui.triage.probe_lines import probe_row, row_key
from tui.triage.session import TriageSession
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Pane
from tui.widgets.rows import Rows


class TriageView(Container):
    """The panes: text, candidates, probes, and details of the highlighted row."""

    def __init__(self, symbols: Symbols) -> None:
        super().__init__(id="panes")
        self._symbols = symbols

    def compose(self) -> ComposeResult:
        """Yield the panes in two groups, which the style sheet puts below or beside each other."""
        rule, bar = self._symbols.rule, self._symbols.bar
        with Vertical(id="left", classes="group"):
            with Vertical(id="text_box", classes="pane"):
                yield Bar(fill=rule, id="text_title")
                yield Pane(id="text")
            with Vertical(id="candidates_box", classes="pane"):
                yield Bar(fill=rule, id="candidates_title")
                yield Rows(bar=bar, id="candidates")
        with Vertical(id="right", classes="group"):
            with Vertical(id="probes_box", classes="pane"):
                yield Bar(fill=rule, id="probes_title")
                yield Rows(bar=bar, id="probes")
            with Horizontal(id="details", classes="group"):
                with Vertical(id="detail_box", classes="pane"):
                    yield Bar(fill=rule, id="detail_title")
                    yield Pane(id="detail")
                with Vertical(id="fix_box", classes="pane beside"):
                    yield Bar(fill=rule, id="fix_title")
                    yield Pane(id="fix")

    @property
    def candidates(self) -> Rows:
        """The list of candidates."""
        return self.query_one("#candidates", Rows)

    @property
    def probes(self) -> Rows:
        """The list of probes."""
        return self.query_one("#probes", Rows)

    @property
    def detail(self) -> Pane:
        """The pane of details."""
        return self.query_one("#detail", Pane)

    @property
    def fix(self) -> Pane:
        """The pane of the fix, beside the evidence in a wide terminal."""
        return self.query_one("#fix", Pane)

    def highlighted_task(self, session: TriageSession) -> Task | None:
        """Return the task of the highlighted probe."""
        key = self.probes.key
        return next((task for task in session.tasks if row_key(task.key) == key), None)

    def show(self, session: TriageSession, marked: Collection[str], in_run: Collection[Key]) -> None:
        """Show text, candidates and probes; `marked` has keys of rows, `in_run` the tasks of the run."""
        title = "Chosen entry" if session.chosen_entry else "Error"
        unmatched = ": no known error matches" if session.is_unmatched else ""
        self._show_title("text", f"{title}{unmatched}", _masked(session))
        self.query_one("#text", Pane).show(text_lines(session), session.text.text)
        columns = "verdict · score · why" if session.candidates else "none"
        self._show_title("candidates", "Candidates", columns)
        numbered = enumerate(session.listed_entries, 1)
        self.candidates.show([candidate_row(session, self._symbols, *item) for item in numbered])
        order = "most discriminating first" if session.tasks else "T chooses a target"
        self._show_title("probes", "Probes", order)
        rows = [
            probe_row(session, task, in_run=task.key in in_run, marked=row_key(task.key) in marked)
            for task in session.sorted_tasks
        ]
        self.probes.show(rows)

    def show_detail(self, session: TriageSession, detail: Detail, hint: Callable[[str], str]) -> None:
        """Show details of the highlighted candidate or probe; `hint` adapts the key hint of the title."""
        task, candidate = self.highlighted_task(session), self.candidates.key
        title = {
            "candidate": candidate if session.candidates else "What to do",
            "probe": f"Evidence: {task.probe if task else 'none'}",
            "fix": f"Fix: {candidate}",
        }[detail]
        keys = "y copies · v verifies" if detail == "fix" else "z zooms · tab next pane"
        self._show_title("detail", title, hint(keys))
        self.detail.show(detail_lines(session, detail, candidate, task), title)
        self._show_title("fix", f"Fix: {candidate}", "y copies · v verifies")
        has_fix = candidate in session.fixes
        self.query_one("#fix", Pane).show(
            detail_lines(session, "fix", candidate, task) if has_fix else (), title
        )
        self.screen.set_class(has_fix, "-has-fix")

    def _show_title(self, pane: str, text: str, right: str) -> None:
        self.query_one(f"#{pane}_title", Bar).show([Piece(text, "strong")], right)


def _masked(session: TriageSession) -> str:
    masked = session.text.masked
    return f"{masked} secret{'s' * (masked != 1)} masked" if masked else ""
