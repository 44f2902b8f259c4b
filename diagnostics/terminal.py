"""What the terminal can show: colour, width, characters. Words always say what colour says too."""

import errno
import os
import sys
from collections.abc import Mapping
from typing import IO, Literal, NamedTuple, TextIO

Role = Literal["good", "bad", "warn", "dim", "strong"]
CODES: dict[Role, str] = {"good": "34", "bad": "1;33", "warn": "33", "dim": "2", "strong": "1"}
"""Blue and orange rather than green and red: they stay apart for nearly every eye."""
GLYPHS = {
    "pass": "✓", "warn": "!", "fail": "✗", "unknown": "?", "error": "‼", "skipped": "·", "blocked": "⊘",
    "confirmed": "✗", "past": "↺", "suspected": "?", "ruled_out": "✓",
}  # fmt: skip
ASCII = {
    "pass": "+", "warn": "!", "fail": "x", "unknown": "?", "error": "E", "skipped": "-", "blocked": "/",
    "confirmed": "x", "past": "<", "suspected": "?", "ruled_out": "+",
}  # fmt: skip
ROLES: dict[str, Role] = {
    "pass": "good", "warn": "warn", "fail": "bad", "unknown": "warn", "error": "bad", "skipped": "dim",
    "blocked": "dim", "confirmed": "bad", "past": "warn", "suspected": "warn", "ruled_out": "good",
}  # fmt: skip
WIDEST = 100
"""Columns beyond which prose is hard to read."""


class Terminal(NamedTuple):
    """How to write on one stream. A named tuple, so that `match` does without `dataclasses`."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, role: Role) -> str:
        """The text in a role's colour, where colour is wanted."""
        return f"\x1b[{CODES[role]}m{text}\x1b[0m" if self.colour else text

    def state(self, word: str) -> str:
        """A state as symbol and word, in its colour."""
        glyph = (GLYPHS if self.unicode else ASCII)[word]
        return self.paint(f"{glyph} {word.replace('_', ' ')}", ROLES[word])


def encodable(text: str, stream: TextIO) -> str:
    """The text in what a stream can encode: one without UTF-8 gets question marks, no traceback."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def is_interactive() -> bool:
    """Whether a person may be asked: stdin and stderr are terminals."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def terminal_of(stream: IO[str], environment: Mapping[str, str] = os.environ) -> Terminal:
    """What a stream can show; NO_COLOR (no-color.org) and COLUMNS are obeyed."""
    tty = stream.isatty()
    columns = environment.get("COLUMNS", "")
    width = (
        int(columns) if columns.isdecimal() else os.get_terminal_size(stream.fileno()).columns if tty else 80
    )
    colour = tty and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    unicode = "utf" in (getattr(stream, "encoding", "") or "").lower()
    return Terminal(max(40, min(width, WIDEST)), colour, unicode)


CLEAR = "\r\x1b[K"
USUAL_COLUMNS = 80


def show_progress(text: str) -> None:
    """Show what is being done, in one line, whatever the width. A terminal that cannot replace shows none."""
    if not _is_dumb():
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_COLUMNS
        print(f"{CLEAR}{text[: columns - 1]}", end="", file=sys.stderr, flush=True)


def replace_progress(text: str) -> None:
    """Put lines that stay in the place of what was being done, on whatever stderr is."""
    replaces = sys.stderr.isatty() and not _is_dumb()
    print(f"{CLEAR}{text}" if replaces else text, file=sys.stderr, flush=True)


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


STORAGE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a write that say nothing against this program."""


class StreamClosed(BrokenPipeError):
    """The reader of a stream left in the middle of a run: what comes after is decided by nobody."""


def open_closed_streams() -> None:
    """Put the null device where a descriptor was closed, so that no file of ours takes its number.

    What is said there is lost. A closed stdin stays None, because whoever reads it has to say so.
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
    """Write to stdout, now. A reader that left, as `head` does, changes nothing in the exit code."""
    try:
        sys.stdout.write(encodable(text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()


def discard_stdout() -> None:
    """Let what stdout still holds, and all that follows, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
