"""Text input from a file or stdin: limited in size and time, decoded, and rejected if empty or binary."""

import os
import select
import signal
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from diagnostics.errors import UnreadableInput
from kb.text.sanitize import decode, looks_binary, mask_secrets

if TYPE_CHECKING:
    from diagnostics.run.knowledge import Folders
    from kb.matching.matcher import Match

CHUNK = 65_536
HEAD = 2_000_000
"""Bytes kept from the beginning, where the first error is: usually the cause."""
TAIL = 2_000_000
"""Bytes kept from the end, where the last error is: the one that the user saw."""
GAP = b"\n[... the middle was left out ...]\n"


def read_text(name: str, seconds: float | None = None) -> str:
    """Return the text of a file, or of standard input for `-`; of a large input, its head and tail.

    `seconds` limits the time of reading: a pipe may never end. Raises UnreadableInput if the input cannot be
    read in that time, is empty or is binary.
    """
    until = None if seconds is None else time.monotonic() + seconds
    try:
        data = _from_stdin(until) if name == "-" else _from_file(Path(name), until)
    except TimeoutError:
        raise _endless(name, seconds) from None
    if not data.strip():
        raise UnreadableInput(f"{text_name(name)}: is empty; paste a traceback, log lines or a sentence")
    if looks_binary(data):
        raise UnreadableInput(f"{text_name(name)}: is binary; expected a traceback, log lines or a sentence")
    return decode(data)


def large_text_matches(
    name: str, folders: "Folders", *, seconds: float | None = None, recent_first: bool = False
) -> "tuple[Match, ...] | None":
    """Return the entries that a text over a megabyte proves, by a scan, or None for a shorter text.

    The scan ends after `seconds`. Notes on stderr name the scan and what was not read.
    """
    from diagnostics.run.large_text import scan_large_text  # noqa: PLC0415  it imports the index

    try:
        result = scan_large_text(name, folders, seconds=seconds, recent_first=recent_first)
    except TimeoutError:
        raise _endless(name, seconds) from None
    if result is None:
        return None
    for note in result.notes:
        print(f"clearpay-doctor: {note}", file=sys.stderr)
    return result.matches


def _endless(name: str, seconds: float | None) -> UnreadableInput:
    limit = f"{seconds or 0:g} s (--deadline)"
    return UnreadableInput(
        f"{text_name(name)}: has not ended within {limit}; end the input, or give more time"
    )


def _from_stdin(until: float | None) -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise UnreadableInput("standard input: is closed; name a file instead")
    if sys.stdin.isatty():
        print("Paste the text, then press ctrl-d.", file=sys.stderr)
    try:
        # The buffer of sys.stdin would wait for a whole chunk.
        return _bounded(_chunks(sys.stdin.buffer.fileno(), until))
    except UnsupportedOperation:  # a stream of the caller's own, without a descriptor
        return _bounded(iter(lambda: sys.stdin.buffer.read(CHUNK), b""))
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
        raise UnreadableInput(f"standard input: {error.strerror or error}") from None


def _from_file(path: Path, until: float | None) -> bytes:
    name = text_name(str(path))
    try:
        if path.is_dir():
            raise UnreadableInput(f"{name}: is a folder; name a file")
        # Without O_NONBLOCK, opening a pipe waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableInput(f"{name}: {error.strerror or error}") from None
    except ValueError as error:  # an embedded NUL in the name
        raise UnreadableInput(f"{name}: {error}") from None
    try:
        return _bounded(_chunks(descriptor, until))
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
        raise UnreadableInput(f"{name}: {error.strerror or error}") from None
    finally:
        os.close(descriptor)


def _chunks(descriptor: int, until: float | None) -> Iterator[bytes]:
    """Yield what a file or a pipe contains; of a device, which may never end, only the head.

    Raises OSError, TimeoutError after `until`.
    """
    left = HEAD if _is_device(descriptor) else sys.maxsize
    while left > 0:
        wait = None if until is None else until - time.monotonic()
        if wait is not None and wait <= 0:
            raise TimeoutError
        if not select.select([descriptor], [], [], wait)[0]:
            continue
        try:
            chunk = os.read(descriptor, min(CHUNK, left))
        except BlockingIOError:
            continue
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _is_device(descriptor: int) -> bool:
    return stat.S_ISCHR(os.fstat(descriptor).st_mode) and not os.isatty(descriptor)


def _bounded(chunks: Iterator[bytes]) -> bytes:
    """Return the head and the tail of the chunks, with a mark between them if something was left out."""
    head, tail = bytearray(), deque[bytes]()
    size, dropped = 0, False
    for chunk in chunks:
        room = HEAD - len(head)
        head += chunk[:room]
        if rest := chunk[room:]:
            tail.append(rest)
            size += len(rest)
        while tail and size - len(tail[0]) >= TAIL:
            size -= len(tail.popleft())
            dropped = True
    return bytes(head) + (GAP if dropped else b"") + b"".join(tail)


def not_matched(name: str, seconds: float | None) -> str:
    """Return the message for a text that is not matched in the time that `--deadline` gives."""
    limit = f"{seconds or 0:g} s (--deadline)"
    return f"{text_name(name)}: is not matched within {limit}; give more time or less text"


def text_name(name: str) -> str:
    """Return the name of an input for a message."""
    text = "standard input" if name == "-" else name
    return mask_secrets("".join(c if c.isprintable() else "?" for c in text))[:200]


@contextmanager
def time_limit(seconds: float | None, message: str) -> Iterator[None]:
    """Raise UnreadableInput in the block after `seconds`; there is no limit without them, or on a thread.

    The block must be pure: it may be left at any point.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_: int, __: FrameType | None) -> None:
        raise UnreadableInput(message)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
