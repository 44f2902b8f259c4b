"""Pipes that are read until a deadline, with bytes that were read before put back in front."""

import io
import os
import select
import stat
import sys
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OUT_OF_TIME: Final = "the deadline passed"
_READ: Final = 65_536


class PipeReader(io.RawIOBase):
    """Stream of a pipe; reading raises TimeoutError once `until`, by the monotonic clock, has passed."""

    def __init__(self, descriptor: int, head: bytes = b"", until: float = float("inf")) -> None:
        self._descriptor = descriptor
        self._head = memoryview(head)
        self.until = until

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read bytes into a buffer and return their number, 0 at the end. Raises TimeoutError, OSError."""
        view = memoryview(buffer).cast("B")
        if self._head:
            size = min(len(view), len(self._head))
            view[:size] = self._head[:size]
            self._head = self._head[size:]
            return size
        while True:
            left = self.until - monotonic()
            if left <= 0:
                raise TimeoutError(OUT_OF_TIME)
            if not select.select([self._descriptor], [], [], None if left == float("inf") else left)[0]:
                continue
            try:
                return os.readv(self._descriptor, [view])
            except BlockingIOError:
                continue


def is_piped() -> bool:
    """Return True if standard input is a pipe or a socket."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode if sys.stdin is not None else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def peek_pipe(size: int, until: float) -> int:
    """Read at most some bytes of the pipe on standard input, put them back, and return their number.

    Raises TimeoutError if the pipe neither has ended nor has so many bytes at the deadline, OSError.
    """
    descriptor = sys.stdin.fileno()
    reader, head = PipeReader(descriptor, until=until), bytearray()
    while len(head) < size and (chunk := reader.read(_READ)):
        head += chunk
    sys.stdin = io.TextIOWrapper(io.BufferedReader(PipeReader(descriptor, bytes(head))), "utf-8", "replace")
    return len(head)


def stdin_until(until: float) -> io.BufferedReader:
    """Return standard input; reading it raises TimeoutError after `until`, if it is a pipe."""
    if is_piped():
        return io.BufferedReader(PipeReader(sys.stdin.fileno(), until=until), 1 << 20)
    stream = cast("io.BufferedReader", sys.stdin.buffer)
    if isinstance(raw := getattr(stream, "raw", None), PipeReader):
        raw.until = until
    return stream
