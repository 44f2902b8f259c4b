"""Scan of a large log on a daemon thread, with the reader and the report of `scan`."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.message import Message

from diagnostics.errors import Terminated, printable

if TYPE_CHECKING:
    from diagnostics.scan.report import ScanReport
    from tui.shared.state import State

PROGRESS_S: Final = 0.1
"""Seconds between two messages about the progress."""


@dataclass
class ScanProgressed(Message):
    """A part of the log was read."""

    read: int
    """Bytes."""
    total: int

    def can_replace(self, message: Message) -> bool:
        """Return True: a later message supersedes an earlier one in the queue."""
        return isinstance(message, ScanProgressed)


@dataclass
class ScanEnded(Message):
    """The log was read, or the scan was cancelled or failed."""

    report: "ScanReport | None"
    reason: str = ""
    """Reason why there is no report."""


class LogScan:
    """A scan of one file that can be cancelled; the report has what was read until then."""

    def __init__(self, path: Path, state: "State", post: Callable[[Message], object]) -> None:
        self._path, self._state, self._post = path, state, post
        self._cancelled = threading.Event()
        self._last = 0.0

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="scan", daemon=True).start()

    def cancel(self) -> None:
        """End the scan; its report comes at once."""
        self._cancelled.set()

    def _run(self) -> None:
        try:
            ended = ScanEnded(self._report())
        except Exception as error:  # noqa: BLE001  whatever a file raises is a message; the screens stay usable
            ended = ScanEnded(None, printable(str(error)))
        self._post(ended)

    def _report(self) -> "ScanReport":
        from diagnostics.scan.build import EntryFacts, ReportOptions, build_report  # noqa: PLC0415  for logs only
        from diagnostics.scan.inputs import inputs_of  # noqa: PLC0415
        from diagnostics.scan.runner import run_scan  # noqa: PLC0415
        from kb.scan.chunk import Scanner  # noqa: PLC0415
        from kb.scan.reading import ScanSettings  # noqa: PLC0415

        entries = self._state.catalogue.entries.values()
        facts = {entry.id: EntryFacts(entry.title, entry.layer, entry.leads_to) for entry in entries}
        inputs, missing = inputs_of([str(self._path)])
        if missing:
            raise OSError(missing[0].reason)
        zone = datetime.now().astimezone().tzinfo or UTC
        scanner = Scanner(ScanSettings(self._state.index, datetime.now(UTC), zone))
        result = run_scan(inputs, scanner, jobs=1, progress=self._progress)
        return build_report(result, ReportOptions(facts, zone, kb=self._state.kb_option))

    def _progress(self, read: int, total: int) -> None:
        if self._cancelled.is_set():
            raise Terminated
        now = time.monotonic()
        if now - self._last > PROGRESS_S:
            self._last = now
            self._post(ScanProgressed(read, total))
