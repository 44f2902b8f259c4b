"""Text that users hand in: bounded, decoded, and refused with one line where it is none."""

import sys
from collections import deque
from pathlib import Path
from typing import BinaryIO

from diagnostics.errors import UnreadableInput
from kb.text.sanitize import decode, looks_binary, mask_secrets

CHUNK = 65_536
HEAD = 2_000_000
"""Bytes kept from the beginning: the first error is the cause."""
TAIL = 2_000_000
"""Bytes kept from the end: the last error is what was seen."""
GAP = b"\n[... the middle was left out ...]\n"


def read_text(name: str) -> str:
    """The text of a file, or of standard input for `-`; of a large one its head and tail.

    Raises UnreadableInput with the reason.
    """
    data = _from_stdin() if name == "-" else _from_file(Path(name))
    if not data.strip():
        raise UnreadableInput(f"{_shown(name)}: is empty; paste a traceback, log lines or a sentence")
    if looks_binary(data):
        raise UnreadableInput(f"{_shown(name)}: is binary; expected a traceback, log lines or a sentence")
    return decode(data)


def _from_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise UnreadableInput("standard input: is closed; name a file instead")
    if sys.stdin.isatty():
        print("Paste the text, then press ctrl-d.", file=sys.stderr)
    return _bounded(sys.stdin.buffer)


def _from_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableInput(f"{_shown(str(path))}: is a folder; name a file")
        with path.open("rb") as file:
            return _bounded(file)
    except OSError as error:
        raise UnreadableInput(f"{_shown(str(path))}: {error.strerror or error}") from None
    except ValueError as error:  # an embedded NUL in the name
        raise UnreadableInput(f"{_shown(str(path))}: {error}") from None


def _bounded(stream: BinaryIO) -> bytes:
    head = stream.read(HEAD)
    tail: deque[bytes] = deque()
    kept, dropped = 0, False
    while chunk := stream.read(CHUNK):
        tail.append(chunk)
        kept += len(chunk)
        while kept - len(tail[0]) >= TAIL:
            kept -= len(tail.popleft())
            dropped = True
    return head + (GAP if dropped else b"") + b"".join(tail)


def _shown(name: str) -> str:
    text = "standard input" if name == "-" else name
    return mask_secrets("".join(c if c.isprintable() else "?" for c in text))[:200]
