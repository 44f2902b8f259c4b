"""Folders and servers of labs that were killed together with their supervisor."""

import fcntl
import json
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from diagnostics.lab.process.supervisor import LOCK, SERVERS, start_of

PREFIX = "clearpay-"
TIMEOUT_S = 5.0
POLL_S = 0.02


def remove_leftovers() -> list[Path]:
    """End the servers of killed labs of this user, remove their folders, and return these.

    A folder is left alone while its supervisor runs, which the lock on a file in it proves.
    """
    return [folder for folder in _own_folders() if _remove(folder)]


def _own_folders() -> Iterator[Path]:
    for base in {Path(tempfile.gettempdir()), Path("/tmp")}:  # noqa: S108  only private folders are taken
        for folder in sorted(base.glob(f"{PREFIX}*")):
            with suppress(OSError):
                status = folder.lstat()
                private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o066
                if private and status.st_uid == os.geteuid():
                    yield folder


def _remove(folder: Path) -> bool:
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end_servers(folder / SERVERS)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False  # its supervisor runs, or it is not a folder of a lab
    return True


def _end_servers(record: Path) -> None:
    """End the process groups of the record whose first process is still the recorded one."""
    groups = [pid for pid, start in _recorded(record) if start and start_of(pid) == start]
    for number in (signal.SIGCONT, signal.SIGQUIT):
        _signal(groups, number)
    deadline = time.monotonic() + TIMEOUT_S
    while (alive := [pid for pid in groups if _runs(pid)]) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    _signal(alive, signal.SIGKILL)


def _recorded(record: Path) -> Iterator[tuple[int, str]]:
    """Yield pid and start of each server; a line that was cut is left out."""
    with suppress(OSError):
        for line in record.read_text("utf-8", "replace").splitlines():
            with suppress(ValueError, TypeError):
                pid, start = json.loads(line)
                yield int(pid), str(start)


def _runs(pid: int) -> bool:
    """Return True if the group has a process, other than a first one that nobody reaps."""
    try:
        os.killpg(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return state != "Z"


def _signal(groups: list[int], number: signal.Signals) -> None:
    for pid in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
