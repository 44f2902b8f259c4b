"""Runtime folder of the lab: private to this user, found without importing the lab."""

import os
import stat
from pathlib import Path

from diagnostics.errors import InvalidTarget

NAME = "clearpay-doctor"


class UnsafeFolder(InvalidTarget):
    """The runtime folder is accessible to others, who could put a target file into it."""


def runtime_folder() -> Path:
    """Return the folder, which may not exist. Raises UnsafeFolder if it is not private to this user."""
    path = _path()
    try:
        status = path.lstat()
    except FileNotFoundError:
        return path
    private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    if status.st_uid != os.getuid() or not private:
        raise UnsafeFolder(
            f"{path}: must be a folder that only you can access; remove it or set XDG_RUNTIME_DIR"
        )
    return path


def make_runtime_folder() -> Path:
    """Create the folder with mode 0700 if it is missing, and return it. Raises UnsafeFolder."""
    path = _path()
    path.mkdir(mode=0o700, exist_ok=True)
    return runtime_folder()


def lab_socket() -> Path:
    """Return the path of the unix socket on which `lab up` listens."""
    return runtime_folder() / "lab.sock"


def lab_target_file() -> Path:
    """Return the path of the lab's target file, which exists only while the lab runs."""
    return runtime_folder() / "clearpay-doctor.toml"


def _path() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir():
        return Path(base) / NAME
    return Path("/tmp") / f"{NAME}-{os.getuid()}"  # noqa: S108  its owner and mode are checked before use
