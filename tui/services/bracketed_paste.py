"""What stands between the brackets of a paste is text: no escape character in it may become a key.

Terminals take the escape character out of what they paste, tmux and some others do not. Textual's parser
reads an escape sequence within a paste as keys, so that a pasted log could press `q`, or `y` to a question.
A sequence becomes its twin of eight bits: text to the parser, and cleaned away with what it begins.
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
TWINNED: Final = re.compile("\x1b([@-_])")


class Brackets:
    """Follows the input of a terminal in pieces, as they are read, and has no escape in its pastes."""

    def __init__(self) -> None:
        self._inside = False
        self._kept = ""
        """Outside a paste the last characters that went by; inside, the beginning of what may be its end."""

    def harmless(self, piece: str) -> str:
        """The next piece without escapes in pastes; what may be the end of one waits for the next piece."""
        told = []
        while piece:
            part, piece = self._pasted(piece) if self._inside else self._typed(piece)
            told.append(part)
        return "".join(told)

    def _typed(self, piece: str) -> tuple[str, str]:
        """What goes by as it is, and what is left behind the start of a paste."""
        seen = self._kept + piece
        _, start, rest = seen.partition(START)
        if not start:
            self._kept = seen[1 - len(START) :]
            return piece, ""
        self._inside, self._kept = True, ""
        return piece[: len(piece) - len(rest)], rest

    def _pasted(self, piece: str) -> tuple[str, str]:
        """The text of a paste without escapes, with its end; and what is left behind that."""
        seen, self._kept = self._kept + piece, ""
        text, end, rest = seen.partition(END)
        if end:
            self._inside = False
            return _unescaped(text) + end, rest
        whole = len(seen) - _begun(seen)
        self._kept = seen[whole:]
        return _unescaped(seen[:whole]), ""


def _unescaped(text: str) -> str:
    """ISO 2022: escape and a character of `@` to `_` is one control 64 places above that character."""
    return TWINNED.sub(lambda found: chr(ord(found[1]) + 0x40), text).replace(ESCAPE, "")


def _begun(text: str) -> int:
    """How many characters at the end of a text may be the beginning of the end of a paste."""
    return next((size for size in range(len(END) - 1, 0, -1) if text.endswith(END[:size])), 0)


class Parser(XTermParser):
    """Textual's parser of keys, behind the brackets."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._brackets = Brackets()

    def feed(self, data: str) -> Iterable[Message]:
        """The events of the next piece; an empty piece is the end."""
        text = self._brackets.harmless(data)
        return super().feed(text) if text or not data else ()


def guard() -> None:
    """Let the driver read with this parser. Textual has no setting for it: it names its own in its module."""
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]
