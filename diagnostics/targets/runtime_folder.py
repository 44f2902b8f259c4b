"""Where a running lab is found: a folder of this user alone, known without importing the lab."""

import os
import stat
from pathlib import Path

from diagnostics.errors import InvalidTarget

NAME = "clearpay-doctor"


class UnsafeFolder(InvalidTarget):
    """The runtime folder belongs to someone else, who could put any target file into it."""


def runtime_folder() -> Path:
    """The folder of the running lab; it need not exist. Raises UnsafeFolder where it is not this user's."""
    path = _place()
    try:
        found = path.lstat()
    except FileNotFoundError:
        return path
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if found.st_uid != os.getuid() or not private:
        raise UnsafeFolder(
            f"{path} must be a folder that only you can enter, and is not; remove it or set XDG_RUNTIME_DIR"
        )
    return path


def make_runtime_folder() -> Path:
    """The same, made with mode 0700 where it is missing."""
    path = _place()
    path.mkdir(mode=0o700, exist_ok=True)
    return runtime_folder()


def lab_socket() -> Path:
    """The unix socket on which `lab up` listens."""
    return runtime_folder() / "lab.sock"


def lab_target_file() -> Path:
    """The target file of the running lab; it exists only while one runs."""
    return runtime_folder() / "clearpay-doctor.toml"


def _place() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and Path(base).is_dir():
        return Path(base) / NAME
    return Path("/tmp") / f"{NAME}-{os.getuid()}"  # noqa: S108  its owner and mode are checked before use
