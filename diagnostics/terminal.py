"""Output to a terminal: colour, width, encoding, progress line. Colour never carries information alone."""

import errno
import os
import sys
from collections.abc import Mapping
from typing import IO, Literal, NamedTuple, TextIO

from kb.text.ci_commands import defuse, defuse_json

Role = Literal["good", "bad", "warn", "dim", "strong"]
CODES: dict[Role, str] = {"good": "34", "bad": "1;33", "warn": "33", "dim": "2", "strong": "1"}
"""SGR parameters. Blue and yellow, not green and red: readers with colour blindness can tell them apart."""
GLYPHS = {
    "pass": "✓", "warn": "!", "fail": "✗", "unknown": "?", "error": "‼", "skipped": "·", "blocked": "⊘",
    "confirmed": "✗", "past": "↺", "suspected": "?", "ruled_out": "✓", "unmatched": "?",
    "verified": "✓", "still_failing": "✗", "not_verified": "?",
}  # fmt: skip
ASCII = {
    "pass": "+", "warn": "!", "fail": "x", "unknown": "?", "error": "E", "skipped": "-", "blocked": "/",
    "confirmed": "x", "past": "<", "suspected": "?", "ruled_out": "+", "unmatched": "?",
    "verified": "+", "still_failing": "x", "not_verified": "?",
}  # fmt: skip
ROLES: dict[str, Role] = {
    "pass": "good", "warn": "warn", "fail": "bad", "unknown": "warn", "error": "bad", "skipped": "dim",
    "blocked": "dim", "confirmed": "bad", "past": "warn", "suspected": "warn", "ruled_out": "good",
    "unmatched": "warn", "verified": "good", "still_failing": "bad", "not_verified": "warn",
}  # fmt: skip
MIN_WIDTH, MAX_WIDTH = 40, 100
"""Columns between which text is wrapped: longer lines are hard to read."""


class Terminal(NamedTuple):
    """Capabilities of one stream. A named tuple, so that `match` need not import `dataclasses`."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, role: Role) -> str:
        """Return the text in the colour of `role`, unchanged without colour."""
        return f"\x1b[{CODES[role]}m{text}\x1b[0m" if self.colour else text

    def state(self, word: str) -> str:
        """Return an outcome or verdict as symbol and word, in its colour."""
        glyph = (GLYPHS if self.unicode else ASCII)[word]
        return self.paint(f"{glyph} {word.replace('_', ' ')}", ROLES[word])


def encodable(text: str, stream: TextIO) -> str:
    """Return text for a stream: question marks replace what it cannot encode, commands of CI are defused."""
    encoding = stream.encoding or "utf-8"
    return defuse(text).encode(encoding, "replace").decode(encoding)


def print_json(data: object) -> None:
    """Write data to stdout as a JSON document without commands of CI runners."""
    import json  # noqa: PLC0415  most output is text

    write_stdout(defuse_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n")


def print_line(text: str, stream: TextIO) -> None:
    """Print a line of text from outside, as `encodable` returns it."""
    print(encodable(text, stream), file=stream, flush=stream is sys.stderr)


def is_interactive() -> bool:
    """Return True if a person can be asked: stdin and stderr are terminals."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def terminal_of(stream: IO[str], environment: Mapping[str, str] = os.environ) -> Terminal:
    """Return the capabilities of a stream, by its type, NO_COLOR (no-color.org), COLUMNS and TERM."""
    tty = stream.isatty()
    columns = environment.get("COLUMNS", "")
    width = (
        int(columns) if columns.isdecimal() else os.get_terminal_size(stream.fileno()).columns if tty else 80
    )
    colour = tty and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    unicode = "utf" in (getattr(stream, "encoding", "") or "").lower()
    return Terminal(max(MIN_WIDTH, min(width, MAX_WIDTH)), colour, unicode)


CLEAR = "\r\x1b[K"
"""Return to the first column and erase the line."""
DEFAULT_COLUMNS = 80


def show_progress(text: str) -> None:
    """Replace the progress line on stderr by `text`, cut to the width; nothing on a dumb terminal."""
    if not _is_dumb():
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or DEFAULT_COLUMNS
        print(f"{CLEAR}{text[: columns - 1]}", end="", file=sys.stderr, flush=True)


def replace_progress(text: str) -> None:
    """Write lasting lines to stderr, in place of the progress line if there is one."""
    has_progress = sys.stderr.isatty() and not _is_dumb()
    safe = encodable(text, sys.stderr)
    print(f"{CLEAR}{safe}" if has_progress else safe, file=sys.stderr, flush=True)


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


STORAGE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a write whose cause is the storage: full disk, quota, size limit, I/O error."""


class StreamClosed(BrokenPipeError):
    """The reader of stdout closed it during a run: the rest of the run has no result."""


def open_closed_streams() -> None:
    """Open the null device for closed standard descriptors, so that no other file gets their number.

    Output to them is lost. `sys.stdin` stays None if it was closed: a command that reads it reports that.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as above


def write_stdout(text: str) -> None:
    """Write to stdout and flush. If the reader has closed it, as `head` does, this is not an error."""
    try:
        sys.stdout.write(encodable(text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()


def discard_stdout() -> None:
    """Redirect stdout to the null device, with what is still buffered."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
