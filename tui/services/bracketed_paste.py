"""Pastes, told apart from typed keys before Textual's parser sees the input.

Most terminals remove the escape character from what they paste; tmux and some others do not, and some
terminals mark no paste at all. Textual's parser reads an escape sequence within a paste as keys, and all that
follows an end mark, so a pasted log could press `q`, or `y` in a dialog. Therefore

- each escape sequence within a paste is replaced by its 8-bit form (ISO 2022), which the parser treats as
  text and `clean` removes;
- what follows an end mark in the same read, or within `QUIET_S`, belongs to the paste: nobody types so fast;
- a read without marks is a paste if it has a line feed (the enter key sends a carriage return) or at least
  `MIN_PASTE` characters that are not one key held down.
"""

import re
import time
from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.events import Key, Paste
from textual.message import Message

from tui.shared.messages import PasteProgressed

ESCAPE: Final = "\x1b"
START: Final = "\x1b[200~"
END: Final = "\x1b[201~"
SEVEN_BIT_CONTROL: Final = re.compile("\x1b([@-_])")
KEY_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[ -~]|\[M...|[^\[O])?", re.DOTALL)
"""A key, a report of the mouse or an answer of the terminal (ECMA-48, 5.4; xterm's SS3 and X10 mouse)."""
LONE_ESCAPE: Final = re.compile(r"\x1b(?![\[O\]P_^])")
"""The escape key, rather than the start of a sequence: CSI, SS3, OSC, DCS, APC, PM."""
ESCAPE_WITHIN_S: Final = 0.1
"""Seconds after which an escape character is the escape key: sequences arrive in one piece, or nearly so."""
MIN_PASTE: Final = 64
"""Characters of one read that cannot have been typed."""
HELD_KEYS: Final = 4
"""Distinct characters up to which a long read is taken for keys that were held down."""
REPORT_EVERY: Final = 65_536
"""Characters of a paste between two messages about its progress."""
QUIET_S: Final = 0.05
"""Seconds without input that end a paste."""


class PasteFilter:
    """A filter for terminal input, read in chunks, that marks all pastes and removes escapes within them.

    `feed` and `tick` take the time of a monotonic clock in seconds.
    """

    def __init__(self) -> None:
        self._inside = False
        """True between the marks of a paste."""
        self._open = False
        """True if a paste is to be ended once the input is quiet."""
        self._last = 0.0
        self._pending = ""
        """Outside a paste, the last characters passed on; inside, the possible start of a mark."""

    def feed(self, chunk: str, now: float) -> str:
        """Return the next chunk; a possible start of an end mark is held back, and the end of a paste."""
        ended = self.tick(now)
        self._last = now
        if self._inside or self._open:
            return ended + self._inside_paste(chunk)
        return ended + self._outside_paste(chunk)

    def tick(self, now: float) -> str:
        """Return the end mark of a paste after which the input has been quiet; else an empty text."""
        if not self._open or now - self._last < QUIET_S:
            return ""
        held, self._open, self._pending = self._pending, False, ""
        return _without_escapes(held) + END

    def _outside_paste(self, chunk: str) -> str:
        """Return keys unchanged, and what follows the start of a paste without escapes."""
        seen = self._pending + chunk
        _, start, rest = seen.partition(START)
        if start:
            keys = chunk[: len(chunk) - len(rest)]
            self._inside, self._pending = True, ""
            return keys + self._inside_paste(rest)
        if END in seen or _is_paste(chunk):
            self._open, self._pending = True, ""
            return START + self._inside_paste(chunk)
        self._pending = seen[1 - len(START) :]
        return chunk

    def _inside_paste(self, chunk: str) -> str:
        """Return the text of a paste without marks and escapes; after an end mark the paste may be ended."""
        seen = self._pending + chunk
        if END in seen:
            self._inside, self._open = False, True
        complete = len(seen) - _length_of_partial_mark(seen)
        self._pending = seen[complete:]
        return _without_escapes(seen[:complete].replace(END, "").replace(START, ""))


def _is_paste(chunk: str) -> bool:
    """Return True if nobody can have typed this in one read."""
    typed = KEY_SEQUENCE.sub("", chunk)
    return "\n" in typed or (len(typed) >= MIN_PASTE and len(set(typed)) > HELD_KEYS)


def _without_escapes(text: str) -> str:
    """Replace 7-bit controls by 8-bit ones (ISO 2022: ESC and `@` to `_`, plus 0x40); drop other escapes."""
    return SEVEN_BIT_CONTROL.sub(lambda match: chr(ord(match[1]) + 0x40), text).replace(ESCAPE, "")


def _length_of_partial_mark(text: str) -> int:
    """Return the length of the longest suffix of the text that may be the start of a mark."""
    sizes = range(len(END) - 1, 0, -1)
    return next((size for size in sizes if text.endswith((END[:size], START[:size]))), 0)


class Parser(XTermParser):
    """Textual's parser of terminal input, behind a paste filter.

    Textual's own parser reads a paste character by character, 2 s for 5 MB; here it is collected by reads.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste_filter = PasteFilter()
        self._first = True
        self._pasted: list[str] | None = None
        """Parts of the paste that is arriving; None outside one."""
        self._characters = self._reported = 0
        self._held = ""
        """An escape character at the end of a read: the escape key, or the start of a sequence."""
        self._held_since = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Return the events of the next chunk; an empty chunk ends the input."""
        if self._first and len(data) < MIN_PASTE:
            data = data.replace(
                "\n", "\r"
            )  # typed before the start, when the terminal translated enter (ICRNL)
        self._first = False
        if not data:
            return super().feed(data)
        return self._events(self._paste_filter.feed(data, time.monotonic()))

    def tick(self) -> Iterable[Message]:
        """Return the events that the passing of time makes: the escape key, the end of a paste."""
        now = time.monotonic()
        yield from self._events(self._paste_filter.tick(now))
        if self._held and now - self._held_since > ESCAPE_WITHIN_S:
            self._held = ""
            yield escape_key()
        yield from super().tick()

    def _events(self, text: str) -> Iterable[Message]:
        """Yield the events of filtered input, in which each paste stands between marks."""
        if text and self._pasted is None:
            text, self._held = self._held + text, ""
        while text:
            if self._pasted is None:
                keys, start, text = text.partition(START)
                if keys:
                    yield from self._typed(keys, is_last=not start)
                if start:
                    self._pasted, self._characters, self._reported = [], 0, 0
                continue
            part, end, text = text.partition(END)
            self._pasted.append(part)
            self._characters += len(part)
            if end:
                pasted, self._pasted = "".join(self._pasted), None
                yield Paste(pasted.replace("\x00", ""))
            elif self._characters - self._reported > REPORT_EVERY:
                self._reported = self._characters
                yield PasteProgressed(self._characters)

    def _typed(self, keys: str, *, is_last: bool) -> Iterable[Message]:
        """Yield the events of keys.

        Textual takes the escape key and a key that follows it in the same read for one key with alt, or drops
        both. Here they are two keys, as they are when they are typed slowly.
        """
        if is_last and keys.endswith(ESCAPE):
            keys, self._held, self._held_since = keys[:-1], ESCAPE, time.monotonic()
        rest = 0
        for escape in LONE_ESCAPE.finditer(keys):
            if before := keys[rest : escape.start()]:
                yield from super().feed(before)
            yield escape_key()
            rest = escape.end()
        if keys[rest:]:
            yield from super().feed(keys[rest:])


def escape_key() -> Key:
    """Return the event of the escape key."""
    return Key("escape", ESCAPE)


def install_parser() -> None:
    """Make Textual's Linux driver use this parser; Textual has no setting for it."""
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]
