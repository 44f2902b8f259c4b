"""Folder of the user's data: recorded runs and allowed target files."""

import errno
import os
from pathlib import Path

from kb.records.private_files import create_folder


def data_folder() -> Path:
    """Return the folder below XDG_DATA_HOME (XDG Base Directory 0.8); it may not exist. Raises OSError."""
    base = os.environ.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):
        base = "~/.local/share"
    try:
        return Path(base).expanduser() / "clearpay-doctor"
    except RuntimeError:
        raise OSError(errno.ENOENT, "this user has no home folder", base) from None


def make_private_folder(folder: Path) -> Path:
    """Create the folder if it is missing, remove access for others, and return it. Raises OSError."""
    create_folder(folder)
    status = folder.stat()
    if status.st_uid != os.getuid():
        raise OSError(errno.EPERM, "belongs to another user", str(folder))
    if status.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
