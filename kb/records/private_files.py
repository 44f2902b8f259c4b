"""Files and folders that only this user can access, whatever the umask is."""

import os
from pathlib import Path


def create_folder(folder: Path) -> None:
    """Create a folder and its missing ancestors with mode 0700 (XDG Base Directory 0.8). Raises OSError."""
    if not folder.parent.exists():
        create_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def create_file(path: Path) -> int:
    """Create a file with mode 0600 and return its descriptor. Raises FileExistsError, OSError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
