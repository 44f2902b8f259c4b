"""Append-only file of JSON objects, one a line (NDJSON): written by one process, read by any.

`AppendLog` writes; `open_log`, `read_lines` and `parse_line` read. Runs of the history and incident logs of
runbooks are such files.
"""

import fcntl
import os
import stat
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Self

from kb.parsers.json_document import parse_json
from kb.text.sanitize import strip_controls

MAX_NUMBER = 1e100
"""Numbers up to here can be compared and written again; infinity and NaN cannot."""


class Damaged(ValueError):
    """Content that this tool did not write. The message states the reason, without the file's name."""


class AppendLog:
    """Writer of one file.

    `append` returns after the kernel has the line, so that SIGKILL of this process loses none. If `durable`,
    it also waits for the disk (fsync), so that a power failure loses none either.
    """

    def __init__(self, path: Path, flags: int, *, durable: bool = False) -> None:
        self.path = path
        self._durable = durable
        self._file = FileIO(os.open(path, os.O_WRONLY | os.O_APPEND | flags, 0o600), "wb")

    @classmethod
    def create(cls, path: Path, *, durable: bool = False) -> Self:
        """Create a file that only this user can read. Raises FileExistsError, OSError."""
        log = cls(path, os.O_CREAT | os.O_EXCL, durable=durable)
        if durable:
            _sync_folder(path.parent)
        return log

    @classmethod
    def reopen(cls, path: Path, *, durable: bool = False) -> Self:
        """Open an existing file to append to it. Raises OSError."""
        return cls(path, 0, durable=durable)

    def lock(self) -> None:
        """Take the exclusive lock until the file is closed.

        Raises BlockingIOError if another process holds it, OSError on a file system without locks.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, line: str) -> None:
        """Write one line, which ends with a newline. Raises OSError."""
        left = memoryview(line.encode("utf-8", "replace"))
        while left:
            left = left[self._file.write(left) :]
        if self._durable:
            os.fsync(self._file.fileno())

    def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes, to remove a line that was written in part. Raises OSError."""
        self._file.truncate(size)

    def close(self) -> None:
        """Close the file and release the lock. Raises OSError."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Content:
    """Complete lines of a file, without their newlines, and the number of bytes that they take."""

    lines: tuple[bytes, ...]
    size: int


def open_log(path: Path, *, follow_links: bool = True) -> BinaryIO:
    """Open a file for reading; a FIFO does not block. Raises OSError, Damaged if it is not a regular file."""
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow_links else os.O_NOFOLLOW)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Damaged("is not a regular file")
    return file


def read_lines(file: BinaryIO, max_bytes: int) -> Content:
    """Return the complete lines; a last line without a newline was written in part and is left out.

    Raises OSError, Damaged if the file is larger than `max_bytes`.
    """
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise Damaged(f"is larger than {max_bytes // 1_000_000} MB")
    *lines, rest = data.split(b"\n")
    return Content(tuple(lines), len(data) - len(rest))


def is_locked(file: BinaryIO) -> bool:
    """Return True if another process has the file open as an `AppendLog` and holds its lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def parse_line(line: bytes) -> dict[str, Any]:
    """Parse a line to its object, terminal escapes and control characters removed from every text.

    Raises Damaged if the line is not an object with the text field `event`.
    """
    try:
        data = _sanitized(parse_json(line.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        raise Damaged(str(error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        raise Damaged("is not an event")
    return data


def _sanitized(value: Any) -> Any:
    if isinstance(value, str):
        return strip_controls(value)
    if isinstance(value, list):
        return [_sanitized(item) for item in value]
    if isinstance(value, dict):
        return {strip_controls(name): _sanitized(item) for name, item in value.items()}
    if isinstance(value, int | float) and not abs(value) < MAX_NUMBER:
        raise ValueError("a number that no probe writes")
    return value


def _sync_folder(folder: Path) -> None:
    """Write the folder to disk: until then a power failure can remove a new file from it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
