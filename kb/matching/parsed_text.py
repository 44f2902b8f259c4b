"""A record parsed for matching: folded, with its signs, its words and the order of its errors."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from kb.matching.features import without_places
from kb.matching.templates import Folded, fold
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.signs import Sign, find_signs

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_NAME_PART: Final = re.compile(r"[A-Z]?[a-z]{3,}")
_CONTEXT_LINES: Final = 3
"""Lines before and after a line that belong to its context."""
_MAX_SHORT_LINES: Final = 20
"""Lines up to which the whole record is the context of each line."""
WHOLE_RECORD: Final = 0
"""Number of the context of all lines of a short record."""
_ATTEMPT: Final = "connection to server "
_CAUSED_BY: Final = "Caused by:"


class ParsedText:
    """A text with the properties that matching reads; each is computed on first use."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines, unchanged."""
        return self.text.split("\n")

    @cached_property
    def unprefixed(self) -> str:
        """The text without the prefixes of loggers."""
        return "\n".join(strip_prefix(line) for line in self.lines)

    @cached_property
    def is_printed(self) -> bool:
        """True for the output of a program: it names exceptions, or its lines have prefixes."""
        return any(sign.kind == "exception" for sign in self.signs) or len(self.unprefixed) < len(self.text)

    @cached_property
    def folded(self) -> Folded:
        """The text in the form that templates are compared with."""
        return fold(self.text)

    @cached_property
    def lower(self) -> str:
        """The text in lower case with its prefixes, which may name the system that printed it."""
        return self.text.lower()

    @cached_property
    def naming(self) -> str:
        """The text in lower case without what names no system, such as paths and addresses."""
        return without_places(self.lower)

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """The typed signs, in the order of their lines."""
        return find_signs(self.lines)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The words in lower case."""
        return frozenset(_TOKEN.findall(self.folded.lower))

    @cached_property
    def name_parts(self) -> frozenset[str]:
        """The words that names consist of, in lower case: `monthly` and `report` of `monthlyReport`."""
        return frozenset(part.lower() for part in _NAME_PART.findall(self.folded.text))

    @cached_property
    def order(self) -> list[float]:
        """The position in time of each line: see `order_of`."""
        return order_of(self.unprefixed.split("\n"))

    @cached_property
    def filled(self) -> int:
        """The number of lines that are not blank."""
        return sum(bool(line.strip()) for line in self.lines)

    def near(self, line: int) -> str:
        """Return the context of a line, in lower case: the lines around it, or all of a short text."""
        if self.context_of(line) == WHOLE_RECORD:
            return self.lower
        return "\n".join(self.lines[max(0, line - 1 - _CONTEXT_LINES) : line + _CONTEXT_LINES]).lower()

    def context_of(self, line: int) -> int:
        """Return a number that lines with the same context share: that of the line, or `WHOLE_RECORD`."""
        return WHOLE_RECORD if self.filled <= _MAX_SHORT_LINES else line


def order_of(lines: Sequence[str]) -> list[float]:
    """Return the position in time of each line, for messages printed in another order than they happened.

    Java prints the first cause last, after `Caused by:`. libpq prints a line for each address that it tried:
    a reply of a server precedes the addresses that did not answer.
    """
    order = [float(number) for number in range(len(lines))]
    head, depth, attempt = 0.0, 0, -_CONTEXT_LINES
    for number, line in enumerate(lines):
        if _CAUSED_BY in line:
            depth += 1
            order[number] = head - depth / 1000
        elif not line.lstrip().startswith(("at ", "... ")):
            head, depth = float(number), 0
        if _ATTEMPT in line:
            if number - attempt < _CONTEXT_LINES and "FATAL:" in line and "FATAL:" not in lines[attempt]:
                order[number] = order[attempt] - 0.5
            attempt = number
    return order
