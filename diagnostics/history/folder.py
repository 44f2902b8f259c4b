"""Where runs are kept: a folder of this user alone, with the newest runs and no more."""

import errno
import os
import re
import stat
from pathlib import Path

KEPT = 200
"""Runs that stay; the oldest go when a new one begins."""
SUFFIX = ".ndjson"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}\.ndjson")


def runs_folder() -> Path:
    """The folder below the user's data folder (XDG Base Directory 0.8); it need not exist. Raises OSError."""
    base = os.environ.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):
        base = "~/.local/share"
    try:
        return Path(base).expanduser() / "clearpay-doctor" / "runs"
    except RuntimeError:
        raise OSError(errno.ENOENT, "this user has no home folder", base) from None


def make_runs_folder() -> Path:
    """The same, made where it is missing, closed to others. Raises OSError where that cannot be had."""
    folder = runs_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise OSError(errno.EPERM, "belongs to another user", str(folder))
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def path_of(folder: Path, run_id: str) -> Path:
    """Where a run of this id is kept."""
    return folder / f"{run_id}{SUFFIX}"


def names_in(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the files of runs, newest first, and names of everything else. Raises OSError."""
    if not folder.exists():
        return [], []
    names = sorted((entry.name for entry in os.scandir(folder)), reverse=True)
    return [name for name in names if _NAME.fullmatch(name)], [
        name for name in names if not _NAME.fullmatch(name)
    ]


def prune(folder: Path, current: Path) -> None:
    """Remove the oldest runs beyond `KEPT`, never the current one, nor what is no file of a run.

    Another instance may prune at the same time: what it removed first is gone as wanted. Raises OSError.
    """
    runs, _ = names_in(folder)
    for name in runs[KEPT:]:
        path = folder / name
        if path != current and _is_file(path):
            path.unlink(missing_ok=True)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
