"""Reader of a recorded run: its events, its report and its state."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnostics.engine.events import Evidence, Step
from diagnostics.history.append_log import Damaged, is_locked, open_log, parse_line, read_lines
from diagnostics.history.replay import RecordedRun, replay
from diagnostics.report.formats.ndjson import NAMES

MAX_BYTES = 16_000_000
"""Larger files are refused; a run of fifty probes writes less than a hundredth."""
DETAIL_PREFIXES = tuple(f'{{"event": "{NAMES[cls]}"'.encode() for cls in (Step, Evidence))
"""First bytes of the lines that a list of runs does not need; they are left out before they are parsed."""


class UnreadableRun(Exception):
    """A file that is not a recorded run; the message states the reason in a few words."""


def read_run(path: Path, *, brief: bool = False) -> RecordedRun:
    """Read a run from its file, without steps and evidence if `brief`. Raises UnreadableRun."""
    lines, is_open_elsewhere = _lines(path)
    first, *rest = lines or (b"",)
    details = DETAIL_PREFIXES if brief else ()
    try:
        run = replay(_start_data(first), (line for line in rest if not line.startswith(details)))
    except Damaged:
        raise UnreadableRun("does not begin as a run does") from None
    if run.report.run_id != path.stem:
        raise UnreadableRun("its name is not the id of its run")
    return replace(run, state="running") if run.state == "cut short" and is_open_elsewhere else run


def _lines(path: Path) -> tuple[tuple[bytes, ...], bool]:
    """Return the complete lines, and True if the process that writes them still runs."""
    try:
        with open_log(path, follow_links=False) as file:
            is_open_elsewhere = is_locked(file)  # asked first: the run may end while it is read
            return read_lines(file, MAX_BYTES).lines, is_open_elsewhere
    except OSError as error:
        raise UnreadableRun(error.strerror or "cannot be read") from None
    except Damaged as error:
        raise UnreadableRun(str(error)) from None


def _start_data(line: bytes) -> dict[str, Any]:
    """Return the object of the first line. Raises Damaged, UnreadableRun if a newer version wrote it."""
    data = parse_line(line)
    if data["event"] != "run_started":
        raise Damaged("is not the first line of a run")
    version = data.get("schema_version")
    if version != "1":
        raise UnreadableRun(f"has schema version {version!r:.20}, and this tool knows 1")
    return data
