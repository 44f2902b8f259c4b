"""Escape sequences within a bracketed paste, made harmless before Textual's parser sees them.

Most terminals remove the escape character from what they paste; tmux and some others do not. Textual's parser
reads an escape sequence within a paste as keys, so a pasted log could press `q`, or `y` in a dialog. Each
sequence is replaced by its 8-bit form (ISO 2022), which the parser treats as text and `clean` removes.
"""

import re
from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

ESCAPE: Final = "\x1b"
START: Final = "\x1b[200~"
END: Final = "\x1b[201~"
SEVEN_BIT_CONTROL: Final = re.compile("\x1b([@-_])")


class PasteFilter:
    """A filter for terminal input, read in chunks, that removes escapes within pastes."""

    def __init__(self) -> None:
        self._inside = False
        self._pending = ""
        """Outside a paste, the last characters passed on; inside, the possible start of its end mark."""

    def feed(self, chunk: str) -> str:
        """Return the next chunk without escapes in pastes; a possible start of an end mark is held back."""
        parts = []
        while chunk:
            part, chunk = self._inside_paste(chunk) if self._inside else self._outside_paste(chunk)
            parts.append(part)
        return "".join(parts)

    def _outside_paste(self, chunk: str) -> tuple[str, str]:
        """Return the unchanged text up to the start of a paste, and the rest."""
        seen = self._pending + chunk
        _, start, rest = seen.partition(START)
        if not start:
            self._pending = seen[1 - len(START) :]
            return chunk, ""
        self._inside, self._pending = True, ""
        return chunk[: len(chunk) - len(rest)], rest

    def _inside_paste(self, chunk: str) -> tuple[str, str]:
        """Return the text of a paste without escapes, up to its end mark, and the rest."""
        seen, self._pending = self._pending + chunk, ""
        text, end, rest = seen.partition(END)
        if end:
            self._inside = False
            return _without_escapes(text) + end, rest
        complete = len(seen) - _length_of_partial_end(seen)
        self._pending = seen[complete:]
        return _without_escapes(seen[:complete]), ""


def _without_escapes(text: str) -> str:
    """Replace 7-bit controls by 8-bit ones (ISO 2022: ESC and `@` to `_`, plus 0x40); drop other escapes."""
    return SEVEN_BIT_CONTROL.sub(lambda match: chr(ord(match[1]) + 0x40), text).replace(ESCAPE, "")


def _length_of_partial_end(text: str) -> int:
    """Return the length of the longest suffix of the text that may be the start of an end mark."""
    return next((size for size in range(len(END) - 1, 0, -1) if text.endswith(END[:size])), 0)


class Parser(XTermParser):
    """Textual's parser of terminal input, behind a paste filter."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste_filter = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        """Return the events of the next chunk; an empty chunk ends the input."""
        text = self._paste_filter.feed(data)
        return super().feed(text) if text or not data else ()


def install_parser() -> None:
    """Make Textual's Linux driver use this parser; Textual has no setting for it."""
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]
