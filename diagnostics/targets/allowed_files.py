"""Target files that the user has allowed, by path and contents.

Each is a file of the user's data folder that is named by the hash of both and contains the path, as direnv
keeps them. Changed contents have another hash, so they have to be allowed again.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnostics.targets.data_folder import data_folder, make_private_folder

MAX_PATH = 8192
"""Bytes of an entry that are read: a path is shorter."""


@dataclass(frozen=True, slots=True)
class AllowedFile:
    """One path with the hash of the contents that were allowed."""

    path: Path
    digest: str


def digest(path: Path, data: bytes) -> str:
    """Return the hash of a target file's real path and its contents."""
    return hashlib.sha256(os.fsencode(os.path.realpath(path)) + b"\0" + data).hexdigest()


def is_allowed(path: Path, data: bytes) -> bool:
    """Return True if the user has allowed these contents at this path."""
    try:
        entry = _read(_folder() / digest(path, data))
    except OSError:  # this user has no home folder
        return False
    return entry is not None and entry.path == Path(os.path.realpath(path))


def was_allowed(path: Path) -> bool:
    """Return True if the user has allowed any contents at this path."""
    real = Path(os.path.realpath(path))
    try:
        return any(entry.path == real for entry in allowed())
    except OSError:
        return False


def allow(path: Path, data: bytes) -> AllowedFile:
    """Allow these contents at this path, for this user only. Raises OSError."""
    folder = make_private_folder(_folder())
    entry = AllowedFile(Path(os.path.realpath(path)), digest(path, data))
    place = folder / entry.digest
    temporary = folder / f"{entry.digest}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.fsencode(entry.path) + b"\n")
        temporary.replace(place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return entry


def revoke(path: Path) -> int:
    """Withdraw all consents for a path, and return their number. Raises OSError."""
    real = Path(os.path.realpath(path))
    entries = [entry for entry in allowed() if entry.path == real]
    for entry in entries:
        (_folder() / entry.digest).unlink(missing_ok=True)
    return len(entries)


def allowed() -> Iterator[AllowedFile]:
    """Yield what the user has allowed, by path. Raises OSError."""
    folder = _folder()
    if not folder.is_dir():
        return
    entries = [_read(place) for place in folder.iterdir()]
    yield from sorted((entry for entry in entries if entry), key=lambda entry: (entry.path, entry.digest))


def _folder() -> Path:
    return data_folder() / "allowed"


def _read(place: Path) -> AllowedFile | None:
    """Return the entry; None if it cannot be read or is a file that others could have written."""
    if len(place.name) != hashlib.sha256().digest_size * 2:
        return None
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        private = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o022
        if status.st_uid != os.getuid() or not private:
            return None
        text = file.read(MAX_PATH).removesuffix(b"\n")
    return AllowedFile(Path(os.fsdecode(text)), place.name)
