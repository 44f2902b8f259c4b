"""The timeline of a large log: clusters of errors, first and last seen; enter diagnoses a record."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from tui.keys import bindings
from tui.shared.base_screen import BaseScreen
from tui.shared.messages import RecordChosen
from tui.timeline.log_scan import LogScan, ScanEnded, ScanProgressed
from tui.widgets.bar import Bar, Piece
from tui.widgets.pane import Line, Pane
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from diagnostics.scan.report import ScanReport
    from tui.timeline.lines import Cluster

MEGABYTE = 1_000_000


class TimelineScreen(BaseScreen):
    """A scan of one file and its report. `is_temporary` files are removed at the end of the scan."""

    CSS_PATH = "screen.tcss"
    NAME = "timeline"
    HEADING = "TIMELINE"
    BINDINGS: ClassVar[list[BindingType]] = bindings("timeline")

    def __init__(self, path: Path, name: str, *, is_temporary: bool = False) -> None:
        super().__init__()
        self._path, self._name_of_log, self._is_temporary = path, name, is_temporary
        self._scan: LogScan | None = None
        self._progress = ""
        self.report: ScanReport | None = None
        self._reason = ""

    def body(self) -> ComposeResult:
        """Yield the panes of clusters and of one cluster."""
        symbols = self.state.symbols
        with Container(id="panes"):
            with Vertical(id="top", classes="pane"):
                yield Bar(fill=symbols.rule, id="clusters_title")
                yield Rows(bar=symbols.bar, id="clusters")
            with Vertical(id="bottom", classes="pane"):
                yield Bar(fill=symbols.rule, id="cluster_title")
                yield Pane(id="cluster")

    def on_mount(self) -> None:
        """Focus the clusters and begin to read."""
        self.set_focus(self.query_one(Rows))
        self._scan = LogScan(self._path, self.state, self.post_message)
        self._scan.start()

    @property
    def cluster(self) -> "Cluster | None":
        """The highlighted cluster."""
        from tui.timeline.lines import clusters_of  # noqa: PLC0415  loads the words of `scan`

        key = self.query_one(Rows).key
        groups = clusters_of(self.report) if self.report else ()
        return next((cluster for _, members in groups for cluster in members if cluster.key == key), None)

    @property
    def current_entry(self) -> str:
        """The entry of the highlighted cluster."""
        return self.cluster.entry if self.cluster else ""

    def disabled_actions(self) -> dict[str, str]:
        """Return the disabled actions with the reasons."""
        reasons: dict[str, str] = {}
        if self.report is None:
            reasons["open"] = "the log is still being read" if not self._reason else "there is no record"
        elif self.cluster is None:
            reasons["open"] = "there is no error in this log"
        if self.report or self._reason:
            reasons |= dict.fromkeys(("cancel", "cancel_all"), "nothing is running")
        return reasons

    def repaint(self) -> None:
        """Show the clusters, or how much was read."""
        from tui.timeline.lines import cluster_rows  # noqa: PLC0415  as above

        rows = list(cluster_rows(self.report, self.state.symbols)) if self.report else []
        self.query_one(Rows).show(rows)
        size = f"{self.report.bytes / MEGABYTE:.1f} MB, {self.report.lines:,} lines" if self.report else ""
        self.query_one("#clusters_title", Bar).show([Piece(self._name_of_log, "strong")], size)
        self.show_status("" if self.report else self._progress or "reading")
        self.show_cluster()

    @on(Rows.Highlighted)
    def show_cluster(self) -> None:
        """Show the highlighted cluster."""
        cluster = self.cluster
        title = (cluster.entry or "no entry knows it") if cluster else "what was read"
        self.query_one("#cluster_title", Bar).show(
            [Piece(title, "strong")], self.pane_hint("enter diagnoses · z zooms")
        )
        self.query_one(Pane).show(self._lines(cluster), title)

    def _lines(self, cluster: "Cluster | None") -> list[Line]:
        from tui.timeline.lines import cluster_lines  # noqa: PLC0415  as above

        if cluster and self.report:
            return list(cluster_lines(cluster, self.report))
        if self._reason:
            return [Line(f"The log cannot be read: {self._reason}", "warn")]
        if self.report is None:
            return [Line(f"{self._progress or 'The log is being read'}; x ends it and shows what was read.")]
        return [Line("No known error is in this log.")]

    @on(ScanProgressed)
    def show_scan_progress(self, message: ScanProgressed) -> None:
        """Show how much was read."""
        total = f" of {message.total / MEGABYTE:.1f}" if message.total >= message.read else ""
        self._progress = f"{message.read / MEGABYTE:.1f}{total} MB read"
        self.show_status(self._progress)
        self.show_cluster()

    @on(ScanEnded)
    def show_report(self, message: ScanEnded) -> None:
        """Show the report, with what was not read."""
        if self._is_temporary:
            self._path.unlink(missing_ok=True)
        self.report, self._reason = message.report, message.reason
        self.repaint()
        self.query_one(Rows).action_first()
        self.show_keys()
        if self.report and self.report.not_read:
            part = self.report.not_read[0]
            self.show_message(f"not all was read: {part.reason}", "warn")

    def action_open(self) -> None:
        """Diagnose the first record of the highlighted cluster, with its entry as the candidate."""
        if cluster := self.cluster:
            self.post_message(RecordChosen(cluster.first.text, cluster.entry))

    def action_cancel(self) -> None:
        """End the scan and show what was read."""
        if self._scan:
            self._scan.cancel()

    def action_cancel_all(self) -> None:
        """End the scan and show what was read."""
        self.action_cancel()

    def action_back(self) -> None:
        """Show all panes again if one is enlarged; else leave the timeline."""
        if self.end_zoom():
            return
        self.action_cancel()
        self.dismiss(None)
