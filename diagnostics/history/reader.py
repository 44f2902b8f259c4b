"""A kept run back from its file: events, their report, and whether it came to its end."""

import fcntl
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnostics.engine.events import Evidence, Step
from diagnostics.history.line_parser import Damaged, data_of
from diagnostics.history.replay import KeptRun, replayed
from diagnostics.report.formats.ndjson import NAMES

LARGEST = 16_000_000
"""Bytes of a file that are read; a run of fifty probes writes less than a hundredth."""
DETAILS = tuple(f'{{"event": "{NAMES[cls]}"'.encode() for cls in (Step, Evidence))
"""How most lines begin that a list has no use for: left out before they are parsed."""


class NoRun(Exception):
    """A file that is no run of ours; the message says why in a few words."""


def read_run(path: Path, *, brief: bool = False) -> KeptRun:
    """The run of a file, `brief` without steps and evidence. Raises NoRun.

    A half-written last line is as if it were not there.
    """
    data, open_elsewhere = _content(path)
    first, *lines = data.split(b"\n")[:-1] or [b""]
    if brief:
        lines = [line for line in lines if not line.startswith(DETAILS)]
    try:
        run = replayed(_beginning(first), lines)
    except Damaged:
        raise NoRun("does not begin as a run does") from None
    if run.report.run_id != path.stem:
        raise NoRun("its name is not the id of its run")
    return replace(run, state="running") if run.state == "cut short" and open_elsewhere else run


def _content(path: Path) -> tuple[bytes, bool]:
    """The bytes, and whether the process that writes them still runs. A pipe or a link is not opened."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NoRun("is no file")
            writing = _is_locked(file.fileno())
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise NoRun(error.strerror or "cannot be read") from None
    if len(data) > LARGEST:
        raise NoRun(f"is larger than {LARGEST // 1_000_000} MB")
    return data, writing


def _is_locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    return False


def _beginning(line: bytes) -> dict[str, Any]:
    data = data_of(line)
    if data["event"] != "run_started":
        raise NoRun("does not begin as a run does")
    version = data.get("schema_version")
    if version != "1":
        raise NoRun(f"has schema version {version!r:.20}, and this tool knows 1")
    return data
