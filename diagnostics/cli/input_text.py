"""Text input from a file or stdin: limited in size, decoded, and rejected if empty or binary."""

import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

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


def read_text(name: str) -> str:
    """Return the text of a file, or of standard input for `-`; of a large input, its head and tail.

    Raises UnreadableInput if it cannot be read, is empty or is binary.
    """
    data = _from_stdin() if name == "-" else _from_file(Path(name))
    if not data.strip():
        raise UnreadableInput(f"{_quoted_name(name)}: is empty; paste a traceback, log lines or a sentence")
    if looks_binary(data):
        raise UnreadableInput(
            f"{_quoted_name(name)}: is binary; expected a traceback, log lines or a sentence"
        )
    return decode(data)


def large_text_matches(
    name: str, folders: "Folders", *, recent_first: bool = False
) -> "tuple[Match, ...] | None":
    """Return the entries that a text over a megabyte proves, by a scan, or None for a shorter text.

    Notes on stderr name the scan and what was not read.
    """
    from diagnostics.run.large_text import scan_large_text  # noqa: PLC0415  it imports the index

    result = scan_large_text(name, folders, recent_first=recent_first)
    if result is None:
        return None
    for note in result.notes:
        print(f"clearpay-doctor: {note}", file=sys.stderr)
    return result.matches


def _from_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise UnreadableInput("standard input: is closed; name a file instead")
    if sys.stdin.isatty():
        print("Paste the text, then press ctrl-d.", file=sys.stderr)
    return _bounded(sys.stdin.buffer)


def _from_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableInput(f"{_quoted_name(str(path))}: is a folder; name a file")
        with path.open("rb") as file:
            return _bounded(file)
    except OSError as error:
        raise UnreadableInput(f"{_quoted_name(str(path))}: {error.strerror or error}") from None
    except ValueError as error:  # an embedded NUL in the name
        raise UnreadableInput(f"{_quoted_name(str(path))}: {error}") from None


def _bounded(stream: BinaryIO) -> bytes:
    head = stream.read(HEAD)
    tail: deque[bytes] = deque()
    size, dropped = 0, False
    while chunk := stream.read(CHUNK):
        tail.append(chunk)
        size += len(chunk)
        while size - len(tail[0]) >= TAIL:
            size -= len(tail.popleft())
            dropped = True
    return head + (GAP if dropped else b"") + b"".join(tail)


def _quoted_name(name: str) -> str:
    text = "standard input" if name == "-" else name
    return mask_secrets("".join(c if c.isprintable() else "?" for c in text))[:200]
