"""Folder of recorded runs: private to this user, limited to the newest runs."""

import os
import re
import stat
from pathlib import Path

from diagnostics.targets.data_folder import data_folder, make_private_folder

MAX_RUNS = 200
"""Runs that are kept; a new one removes the oldest beyond this number."""
SUFFIX = ".ndjson"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}\.ndjson")


def runs_folder() -> Path:
    """Return the folder below XDG_DATA_HOME (XDG Base Directory 0.8); it may not exist. Raises OSError."""
    return data_folder() / "runs"


def make_runs_folder() -> Path:
    """Create the folder if it is missing, remove access for others, and return it. Raises OSError."""
    return make_private_folder(runs_folder())


def path_of(folder: Path, run_id: str) -> Path:
    """Return the path of the file of a run."""
    return folder / f"{run_id}{SUFFIX}"


def names_in(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of files of runs, newest first, and all other names. Raises OSError."""
    if not folder.exists():
        return [], []
    names = sorted((entry.name for entry in os.scandir(folder)), reverse=True)
    return [name for name in names if _NAME.fullmatch(name)], [
        name for name in names if not _NAME.fullmatch(name)
    ]


def prune(folder: Path, current: Path) -> None:
    """Remove the oldest runs beyond `MAX_RUNS`, but not `current` and not files of others. Raises OSError.

    Another process may prune at the same time: a file that is already gone is not an error.
    """
    runs, _ = names_in(folder)
    for name in runs[MAX_RUNS:]:
        path = folder / name
        if path != current and _is_file(path):
            path.unlink(missing_ok=True)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
